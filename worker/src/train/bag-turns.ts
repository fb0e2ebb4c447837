/**
 * A worker's bags in the order of its slots.
 * In: the stream that reads them ahead. Out: bag after bag; null for one whose values are not finite, in a job
 * that leaves such bags out (the step then finds it poisoned, and agrees with the others on that).
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Bag } from '../data/bag.js';
import { type BagPrefetch, nextBag } from '../data/prefetch.js';
import type { RunParts } from './run-parts.js';

/** `bag` is the index into the manifest that is due. */
export type BagTurn = (bag: number) => Promise<Bag | null>;

export function bagTurns(parts: RunParts, stream: BagPrefetch): BagTurn {
  if (parts.job.train.poisonedBags === 'fail') return () => nextBag(stream);
  let ended = false;
  return async (bag) => {
    try {
      // A stream ends with the first bag that it can't read; the rest of this step is read one by one.
      return ended ? await parts.readBag(bag) : await nextBag(stream);
    } catch (thrown) {
      if (!isNotFinite(thrown)) throw thrown;
      ended = true;
      return null;
    }
  };
}

export function isNotFinite(thrown: unknown): boolean {
  return thrown instanceof BagfleetError && thrown.code === 'bag-not-finite';
}
