/**
 * How long the compute thread had nothing to do because a bag was not there.
 * In: when a bag was asked for and when it came, when a computation was given to the thread and when it answered.
 * Out: milliseconds. Waiting for a bag while the thread still computes does not count, nor does waiting for others.
 */
export class DataWait {
  readonly #now: () => number;
  #computing = 0;
  /** When the thread last had nothing to do any more; before the first computation, when the count began. */
  #idleSince: number;
  #milliseconds = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#idleSince = now();
  }

  get milliseconds(): number {
    return this.#milliseconds;
  }

  /** The promise's outcome. */
  async forBag<T>(bag: Promise<T>): Promise<T> {
    const asked = this.#now();
    try {
      return await bag;
    } finally {
      if (this.#computing === 0) this.#milliseconds += this.#now() - Math.max(asked, this.#idleSince);
    }
  }

  /** The promise's outcome. */
  async whileComputing<T>(computation: Promise<T>): Promise<T> {
    this.#computing++;
    try {
      return await computation;
    } finally {
      if (--this.#computing === 0) this.#idleSince = this.#now();
    }
  }
}
