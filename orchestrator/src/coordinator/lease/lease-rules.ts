/**
 * Who may act for a run: the rules of its lease (control/lease.json), without a store and without a clock.
 *
 * The holder replaces the record again and again, so its etag changes. A challenger takes the lease over only
 * after it has seen one and the same etag for the whole term; the holder stops acting when half the term has
 * passed since it sent its last renewal that went well. Half a term lies between the two, so there are never two
 * who act, however long either of them sleeps; clocks are never compared, each is asked for its own durations.
 *
 * In: the record as it was read, what was seen before, the reader's own monotonic clock in milliseconds.
 * Out: what may be done.
 */
import type { LeaseRecord } from '@bagfleet/proto';

/** Renewals in a term: one may fail, and a second be late, before half of the term … */
const RENEWALS_PER_TERM = 5;
/** … is over, and with it the holder's right to act. */
const ACTING_PART = 0.5;

export interface FoundLease {
  readonly record: LeaseRecord;
  readonly etag: string;
}

/** Since when a challenger has seen this etag. */
export interface Sighting {
  readonly etag: string;
  readonly since: number;
}

export interface Challenger {
  readonly holder: string;
  /** A holder of which it is known that its process has ended. */
  readonly deadHolder: string | null;
  readonly termMs: number;
}

export type Claim =
  /** The record is one's own already: an earlier put arrived although its answer did not. */
  | { readonly kind: 'own'; readonly found: FoundLease }
  /** Put a record with this token, over what was found. `letGo`: nobody acts for the run, and nobody's workers live. */
  | { readonly kind: 'take'; readonly token: number; readonly over: string | null; readonly letGo: boolean }
  | { readonly kind: 'wait'; readonly sighting: Sighting };

export function claim(
  found: FoundLease | null,
  seen: Sighting | null,
  challenger: Challenger,
  now: number,
): Claim {
  if (found === null) return { kind: 'take', token: 1, over: null, letGo: true };
  const { record, etag } = found;
  if (record.holder === challenger.holder && record.address !== null) return { kind: 'own', found };
  const take = { kind: 'take', token: record.token + 1, over: etag } as const;
  if (record.address === null) return { ...take, letGo: true };
  if (record.holder === challenger.deadHolder) return { ...take, letGo: false };
  const sighting = seen?.etag === etag ? seen : { etag, since: now };
  return now - sighting.since >= challenger.termMs ? { ...take, letGo: false } : { kind: 'wait', sighting };
}

/** May the holder act at `now`? `sentAt`: when it sent its last renewal that went well. */
export function mayAct(sentAt: number, now: number, termMs: number): boolean {
  return now - sentAt < termMs * ACTING_PART;
}

export function renewEveryMs(termMs: number): number {
  return termMs / RENEWALS_PER_TERM;
}
