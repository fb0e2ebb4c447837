/**
 * When a range is asked for again, and when a connection is too slow to wait for.
 * In: what has happened so far; randomness as a number. Out: decisions.
 */

export interface FastPatience {
  readonly connectMs: number;
  /** Without a byte. */
  readonly idleMs: number;
  /** All requests for one range. */
  readonly attempts: number;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A connection that has carried less than this on average over `SLOW_AFTER_MS` is given up for another one. */
const SLOW_BYTES_PER_MS = 64;
const SLOW_AFTER_MS = 4_000;

/**
 * Milliseconds until the next attempt: growing and with jitter ("Exponential Backoff And Jitter", M. Brooker, 2015).
 * @param failed attempts so far, from 1 on
 * @param asked by the server, in milliseconds
 * @param random in [0, 1)
 */
export function pauseBefore(failed: number, asked: number, random: number): number {
  const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failed - 1));
  return Math.max(asked, Math.floor(random * most));
}

/** The last attempt is waited for as long as anything comes at all. */
export function isTooSlow(bytes: number, elapsedMs: number, attemptsLeft: number): boolean {
  return attemptsLeft > 0 && elapsedMs >= SLOW_AFTER_MS && bytes < SLOW_BYTES_PER_MS * elapsedMs;
}
