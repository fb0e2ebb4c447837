/**
 * How far probabilities can be taken at their word.
 * In: binary predictions. Out: per bin of equal width what was predicted beside what happened
 * (scikit-learn's calibration_curve, strategy 'uniform').
 */
import type { BinaryPrediction } from './prediction.js';

export interface CalibrationBin {
  /** Mean probability of the bin's bags. */
  readonly predicted: number;
  /** Share of its bags that are positive. */
  readonly observed: number;
  readonly bags: number;
}

/** Bins (i/count, (i+1)/count], 0 in the first; empty ones are left out. */
export function calibrationBins(predictions: readonly BinaryPrediction[], count = 10): CalibrationBin[] {
  const bins = Array.from({ length: count }, () => ({ probabilities: 0, positives: 0, bags: 0 }));
  for (const { label, probability } of predictions) {
    const bin = bins[binOf(probability, count)];
    bin.probabilities += probability;
    bin.positives += label;
    bin.bags++;
  }
  return bins
    .filter(({ bags }) => bags > 0)
    .map(({ probabilities, positives, bags }) => ({
      predicted: probabilities / bags,
      observed: positives / bags,
      bags,
    }));
}

function binOf(probability: number, count: number): number {
  let bin = 0;
  while (bin < count - 1 && probability > (bin + 1) / count) bin++;
  return bin;
}
