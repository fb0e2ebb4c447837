/**
 * How a coordinator comes to hold the lease of its run.
 * In: the run's folder, what is known of the holder before. Out: the lease, at once if nobody holds it, else when
 * its holder has been silent for the whole term; a challenger waits as long as the holder renews it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { leaseRecord, putLease, readLease } from './lease-file.js';
import { claim, type FoundLease, type Sighting } from './lease-rules.js';

/** Looks of a challenger at the lease, per term. */
const LOOKS_PER_TERM = 20;

export interface LeaseTerms {
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly termMs: number;
  /** Drawn anew by each process: tells its own writes from others'. */
  readonly holder: string;
  /** host:port where workers find this coordinator. */
  readonly address: string;
  /** A holder whose process is known to have ended. */
  readonly deadHolder: string | null;
  /** Told once when it must wait: for whom, and until when. */
  readonly onWait: (sentence: string) => void;
}

export interface LeaseClock {
  /** Milliseconds that only ever grow, also while the process is stopped. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export const MONOTONIC: LeaseClock = { now: () => performance.now(), sleep };

export interface Taken {
  readonly token: number;
  readonly etag: string;
  /** When the put that took it was sent, or earlier. */
  readonly sentAt: number;
  readonly letGo: boolean;
}

export async function takeLease(terms: LeaseTerms, clock: LeaseClock): Promise<Taken> {
  let seen: Sighting | null = null;
  let first: { readonly sentAt: number; readonly letGo: boolean } | null = null;
  for (;;) {
    const found = await readLease(terms.store);
    const next = claim(found, seen, terms, clock.now());
    if (next.kind === 'wait') {
      if (seen === null) terms.onWait(waiting(terms, found));
      seen = next.sighting;
      await clock.sleep(terms.termMs / LOOKS_PER_TERM);
      continue;
    }
    const attempt = { sentAt: clock.now(), letGo: next.kind === 'take' && next.letGo };
    if (next.kind === 'own') {
      const { record, etag } = next.found;
      return { token: record.token, etag, ...(first ?? attempt) };
    }
    first ??= attempt;
    const etag = await tryToTake(terms, next.token, next.over);
    if (etag !== null) return { token: next.token, etag, ...attempt };
  }
}

/** null when somebody was faster, or when nobody knows: the record then shows who won. */
async function tryToTake(terms: LeaseTerms, token: number, over: string | null): Promise<string | null> {
  const record = leaseRecord(token, terms.holder, terms.address);
  try {
    return await putLease(terms.store, record, over);
  } catch (thrown) {
    if (codeOf(thrown) === 'store-unavailable') return null;
    throw thrown;
  }
}

function waiting({ termMs, store }: LeaseTerms, found: FoundLease | null): string {
  const who = `the coordinator with token ${found?.record.token} renewed its lease at ${found?.record.renewedAt}`;
  return `${store.uri}: ${who}; it is taken over when it has been silent for ${termMs / 1000} s`;
}
