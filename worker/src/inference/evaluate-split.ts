/**
 * How good a trained model is on a split: each of its bags exactly once, in manifest order, at the threshold
 * that the checkpoint keeps.
 * In: a predictor, a dataset, a split. Out: a prediction per bag and the metrics over all.
 */
import { BagfleetError, bagsOfSplit, type Split } from '@bagfleet/proto';
import type { Dataset } from '../data/load-manifest.js';
import { evaluateInstances, type InstanceMetrics } from '../metrics/evaluate-instances.js';
import { type BagScores, scoreBags } from '../metrics/score-bags.js';
import { judgedInstances } from './judged-instances.js';
import { predictBags } from './predict-bags.js';
import type { LabelledPrediction, Predictor } from './predictor.js';

export interface Evaluation {
  readonly predictions: readonly LabelledPrediction[];
  readonly scores: BagScores;
  /** Null where no bag has instance labels, or the model says nothing of instances. */
  readonly instances: InstanceMetrics | null;
}

export async function evaluateSplit(args: {
  readonly predictor: Predictor;
  readonly dataset: Dataset;
  readonly split: Split;
  /** Of a cross-validation: its bags are the test bags. */
  readonly fold: number | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, bags: number) => void;
}): Promise<Evaluation> {
  const { predictor, dataset, split, fold, signal, onProgress } = args;
  const indices = bagsOfSplit(dataset.manifest, split, fold);
  if (indices.length === 0) throw emptySplit(dataset, split, fold);
  const entries = indices.map((index) => dataset.manifest.bags[index]);
  const predictions: LabelledPrediction[] = [];
  for await (const prediction of predictBags({ predictor, dataset, entries, ...(signal && { signal }) })) {
    predictions.push(prediction);
    onProgress?.(predictions.length, entries.length);
  }
  const scored = predictions.map((prediction, place) => ({ ...prediction, bag: indices[place] }));
  const scores = scoreBags(scored, {
    classes: dataset.manifest.classes.length,
    threshold: predictor.threshold,
  });
  return { predictions, scores, instances: evaluateInstances(judgedInstances(predictions)) };
}

function emptySplit({ uri }: Dataset, split: Split, fold: number | null): BagfleetError {
  const what =
    fold === null
      ? `no bag of it is in the split ${split}`
      : `with fold ${fold}, no bag of it is in the split ${split}`;
  return new BagfleetError('manifest-invalid', what, {
    culprit: uri,
    hint: 'Choose another with --split, or another dataset with --on; `bagfleet data inspect` shows its splits.',
  });
}
