/**
 * A process that computes as a worker does, on made-up bags, when it is told to.
 * In: a job, what its dataset is like, the size of its bags. Out: a member that goes and rests.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { DatasetKind } from './prepared-compute.js';

export interface CrowdTask {
  readonly job: JobSpec;
  readonly dataset: DatasetKind;
  readonly instances: number;
}

/** What it is told, and how it answers once it is so. */
export const CROWD_ANSWERS = { task: 'ready', go: 'going', rest: 'resting' } as const;

export class CrowdMember {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;

  constructor({ job, dataset, instances }: CrowdTask) {
    this.#child = fork(fileURLToPath(new URL('./crowd-main.js', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    const { instanceShape, classes } = dataset; // and none of its bags
    const task: CrowdTask = { job, dataset: { instanceShape, classes }, instances };
    this.#ready = this.#ask(task, CROWD_ANSWERS.task);
    this.#ready.catch(() => undefined); // told to whoever waits for it
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  go(): Promise<void> {
    return this.#ask('go', CROWD_ANSWERS.go);
  }

  rest(): Promise<void> {
    return this.#ask('rest', CROWD_ANSWERS.rest);
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect(); // it ends by itself then
  }

  #ask(message: CrowdTask | string, answer: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) =>
        reject(new BagfleetError('job-failed', `a process that computes beside others ended with ${code}`));
      const heard = (told: unknown) => {
        if (told !== answer) return;
        this.#child.off('exit', ended).off('message', heard);
        resolve();
      };
      this.#child.once('exit', ended).on('message', heard);
      this.#child.send(message);
    });
  }
}
