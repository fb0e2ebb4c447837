/**
 * Long work of one thread in turns: after so much of it, others (heartbeats, transfers) get theirs.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';

/** Some milliseconds of work at the pace of a plain loop over bytes. */
export const BYTES_PER_TURN = 4 * 2 ** 20;

export class Turns {
  #spent = 0;

  constructor(readonly signal?: AbortSignal) {}

  /** Called with the bytes that were worked on; rejects when the signal has come. */
  async spend(bytes: number): Promise<void> {
    this.#spent += bytes;
    if (this.#spent < BYTES_PER_TURN) return;
    this.#spent = 0;
    await letOthersRun(undefined, this.signal ? { signal: this.signal } : {});
  }
}
