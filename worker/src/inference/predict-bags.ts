/**
 * Predictions for bags of a dataset, one after the other, in the order given; each bag is read and computed
 * once, the next ones are fetched meanwhile.
 * In: a predictor, a dataset, entries of its manifest. Out: predictions as they come.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { type BagEntry, BagfleetError } from '@bagfleet/proto';
import { BagCache } from '../data/bag-cache.js';
import { BagReads } from '../data/bag-reads.js';
import type { Dataset } from '../data/load-manifest.js';
import { BagPrefetch } from '../data/prefetch.js';
import { bagReader } from '../data/read-bag.js';
import type { LabelledPrediction, Predictor } from './predictor.js';

export interface BagsToPredict {
  readonly predictor: Predictor;
  readonly dataset: Dataset;
  readonly entries: readonly BagEntry[];
  readonly signal?: AbortSignal;
}

export async function* predictBags(args: BagsToPredict): AsyncGenerator<LabelledPrediction> {
  const { predictor, dataset, entries, signal } = args;
  const { job } = predictor.manifest;
  refuseOtherData(predictor, dataset);
  const { instanceShape } = dataset.manifest;
  const reader = bagReader({ store: dataset.store, instanceShape, graph: job.data.graph });
  const { prefetch, bufferMiB } = job.data;
  const buffer = bufferMiB * 2 ** 20;
  const reads = new BagReads({ reader, cache: new BagCache(0), atOnce: prefetch, bytesAtOnce: buffer });
  const bags = new BagPrefetch({
    bags: entries,
    reads,
    buffer,
    ...(signal && { signal }),
  });
  let place = 0;
  try {
    for await (const bag of bags) {
      await letOthersRun(); // a computation blocks: signals and reads get their turn before it
      signal?.throwIfAborted();
      yield predictor.predictLabelled(bag, entries[place++].label);
    }
  } finally {
    await reads.close(); // also where this generator is ended early, by return or throw
  }
}

/** A model answers for the instances and classes that it was trained on, in that order. */
function refuseOtherData({ manifest }: Predictor, dataset: Dataset): void {
  const trained = manifest.dataset;
  const given = dataset.manifest;
  const differs =
    trained.instanceShape.join() !== given.instanceShape.join()
      ? `instanceShape is [${given.instanceShape.join(', ')}], the model was trained on [${trained.instanceShape.join(', ')}]`
      : JSON.stringify(trained.classes) !== JSON.stringify(given.classes)
        ? `classes are ${given.classes.join(', ')}, the model was trained on ${trained.classes.join(', ')}`
        : null;
  if (differs === null) return;
  throw new BagfleetError('manifest-invalid', `its ${differs}`, {
    culprit: dataset.uri,
    hint: 'Take a dataset made like the one that the model was trained on.',
  });
}
