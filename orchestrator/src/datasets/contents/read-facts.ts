/**
 * Reads every bag of a dataset, as training would. In: a dataset, its sound bags. Out: facts of each bag, and what can't
 * be trained on, with the reason. Bags are dropped as soon as their facts are known.
 */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { eachConcurrently, type Progress } from '../each-concurrently.js';
import { type BagFacts, bagFacts } from './bag-facts.js';

export interface UnreadableBag {
  readonly id: string;
  readonly error: BagfleetError;
}

export interface ReadFacts {
  readonly facts: readonly BagFacts[];
  readonly unreadable: readonly UnreadableBag[];
}

/** A bag may have gigabytes. */
const AT_ONCE = 2;

export async function readFacts(
  { manifest, store }: Dataset,
  bags: readonly BagEntry[],
  progress: Progress,
): Promise<ReadFacts> {
  const reader = bagReader({ store, instanceShape: manifest.instanceShape });
  const read = await eachConcurrently(
    bags,
    async (bag): Promise<BagFacts | UnreadableBag> => {
      try {
        return bagFacts(await reader.read(bag));
      } catch (thrown) {
        if (thrown instanceof BagfleetError && thrown.code.startsWith('bag-'))
          return { id: bag.id, error: thrown };
        throw thrown;
      }
    },
    { label: 'reading bags', progress },
    AT_ONCE,
  );
  return {
    facts: read.flatMap((found) => ('error' in found ? [] : [found])),
    unreadable: read.flatMap((found) => ('error' in found ? [found] : [])),
  };
}
