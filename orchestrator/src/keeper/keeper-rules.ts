/**
 * When the keeper starts a coordinator again: pure rules, time is an argument.
 * In: how a coordinator ended, how long it had lived, how often one had died before. Out: what is to be done.
 */

/** A coordinator that lived so long begins a new count. */
const SOUND_LIFE_MS = 60_000;
/** Until its first word: loading its modules takes a second, on a busy machine many. */
const START_MS = 30_000;
const MOST_RESTARTS = 20;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** The exit code of a coordinator that has lost its lease: another one carries on. */
export const STEPPED_BACK = 75;

export type AfterDeath =
  | { readonly kind: 'restart'; readonly deaths: number; readonly waitMs: number }
  | { readonly kind: 'give-up' };

/** The first restart is at once, then after 1, 2, 4 … 30 s. */
export function afterDeath(deathsBefore: number, livedMs: number): AfterDeath {
  const deaths = (livedMs >= SOUND_LIFE_MS ? 0 : deathsBefore) + 1;
  if (deaths > MOST_RESTARTS) return { kind: 'give-up' };
  const waitMs = deaths === 1 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (deaths - 2));
  return { kind: 'restart', deaths, waitMs };
}

/** Does a living coordinator get a successor beside it, which challenges its lease? One that starts may take a while. */
export function needsSuccessor(
  life: { readonly startedAt: number; readonly heardAt: number | null },
  now: number,
  termMs: number,
): boolean {
  if (life.heardAt !== null) return now - life.heardAt > termMs;
  return now - life.startedAt > Math.max(termMs, START_MS);
}
