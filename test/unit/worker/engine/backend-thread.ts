/**
 * A compute thread for tests, as the main thread sees it.
 * In: the backend to load. Out: what it loaded, and answers to messages; `stop` ends it.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Backend } from '@bagfleet/worker/engine/backend';

export interface Greeting {
  readonly backend: Backend;
  readonly active: string;
  readonly sameInstance: boolean;
}

export interface CaseResult {
  readonly value: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

export class BackendThread {
  private constructor(
    private readonly worker: Worker,
    readonly greeting: Greeting,
  ) {}

  static async start(backend: Backend['name']): Promise<BackendThread> {
    const worker = new Worker(new URL('./backend-thread.mjs', import.meta.url), {
      env: { ...process.env, BAGFLEET_BACKEND: backend },
      execArgv: [],
    });
    const [greeting] = (await once(worker, 'message')) as [Greeting];
    return new BackendThread(worker, greeting);
  }

  async compute(name: string, seed: number): Promise<CaseResult> {
    return (await this.ask({ name, seed })).answer as CaseResult;
  }

  async multiply(size: number): Promise<number> {
    return (await this.ask({ multiply: size })).answer as number;
  }

  /** Tensors alive in the thread. */
  async tensors(): Promise<number> {
    return (await this.ask({ multiply: 1 })).tensors;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private async ask(message: object): Promise<{ answer: unknown; tensors: number }> {
    this.worker.postMessage(message);
    const [reply] = (await once(this.worker, 'message')) as [
      { answer: unknown; tensors: number; error?: string },
    ];
    if (reply.error !== undefined) throw new Error(`${this.greeting.backend.name}: ${reply.error}`);
    return reply;
  }
}
