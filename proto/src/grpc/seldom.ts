/**
 * Says the same thing seldom: what a stranger can cause must not fill a log.
 * In: what it is, and the time in milliseconds. Out: whether it is to be said now.
 */

const PERIOD_MS = 10_000;
/** Different things in a period; those beyond count as one. */
const MOST_KEYS = 20;

export class Seldom {
  readonly #saidAt = new Map<string, number>();

  allows(key: string, nowMs: number): boolean {
    for (const [old, at] of this.#saidAt) if (nowMs - at >= PERIOD_MS) this.#saidAt.delete(old);
    const name = this.#saidAt.size < MOST_KEYS ? key : 'others';
    if (this.#saidAt.has(key) || this.#saidAt.has(name)) return false;
    this.#saidAt.set(name, nowMs);
    return true;
  }
}
