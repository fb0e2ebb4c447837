/**
 * The main thread's side of the compute thread: typed calls, answered in the order they were made.
 * TensorFlow's calls block, so they run in a thread of their own and heartbeats and transfers never stop.
 */
import { Worker } from 'node:worker_threads';
import { BagfleetError } from '@bagfleet/proto';
import type { AnswerEnvelope, ComputeCalls, ComputeKind, RequestEnvelope } from './compute-protocol.js';

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

export class ComputeClient {
  readonly #thread: Worker;
  readonly #pending = new Map<number, Pending>();
  /** Counts what was dropped; the thread looks at it before it begins a gradient. */
  readonly #drops = new Int32Array(new SharedArrayBuffer(4));
  #nextId = 1;
  #ended: BagfleetError | null = null;

  constructor() {
    this.#thread = new Worker(new URL('./compute-thread.js', import.meta.url), {
      workerData: this.#drops,
    });
    this.#thread.on('message', (answer: AnswerEnvelope) => this.#settle(answer));
    this.#thread.on('error', (error) => this.#end(new BagfleetError('bug', error.message, { cause: error })));
    this.#thread.on('exit', (code) =>
      this.#end(new BagfleetError('job-failed', `the compute thread ended with code ${code}`)),
    );
  }

  call<K extends ComputeKind>(
    kind: K,
    request: ComputeCalls[K]['request'],
  ): Promise<ComputeCalls[K]['answer']> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const envelope: RequestEnvelope<K> = { id, kind, request, drops: this.#drops[0] };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#thread.postMessage(envelope);
    });
  }

  /** Gradients that were asked for and have not begun are not computed; they reject with `cancelled`. */
  dropGradients(): void {
    Atomics.add(this.#drops, 0, 1);
  }

  async close(): Promise<void> {
    this.#end(new BagfleetError('cancelled', 'the compute thread was closed'));
    await this.#thread.terminate();
  }

  #settle(envelope: AnswerEnvelope): void {
    const pending = this.#pending.get(envelope.id);
    if (!pending) return;
    this.#pending.delete(envelope.id);
    if (envelope.ok) return pending.resolve(envelope.answer as never);
    const error = BagfleetError.fromJSON(envelope.error);
    if (envelope.stack) error.stack = envelope.stack;
    pending.reject(error);
  }

  #end(error: BagfleetError): void {
    this.#ended ??= error;
    for (const pending of this.#pending.values()) pending.reject(this.#ended);
    this.#pending.clear();
  }
}
