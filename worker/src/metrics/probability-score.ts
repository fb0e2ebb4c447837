/**
 * Scores of the probabilities themselves: smaller is better, calibration counts.
 * In: predictions. Out: non-negative values, null without predictions. Sums run in the order given.
 */
import type { BinaryPrediction, MulticlassPrediction } from './prediction.js';

/** scikit-learn's clip: a probability of 0 for what happened costs 36.04, not infinity. */
const EPSILON = Number.EPSILON;

/** Mean -ln of the probability given to what happened. */
export function binaryLogLoss(predictions: readonly BinaryPrediction[]): number | null {
  return mean(predictions, ({ label, probability }) => cost(label === 1 ? probability : 1 - probability));
}

/** Mean squared distance between probability and label (Brier 1950, halved): 0 … 1. */
export function binaryBrier(predictions: readonly BinaryPrediction[]): number | null {
  return mean(predictions, ({ label, probability }) => (probability - label) ** 2);
}

export function multiclassLogLoss(predictions: readonly MulticlassPrediction[]): number | null {
  return mean(predictions, ({ label, probabilities }) => cost(probabilities[label]));
}

/**
 * Mean squared distance between the probabilities and the one-hot label: 0 … 2 as Brier has it, for two classes
 * halved so that it equals the binary score (scikit-learn's `scale_by_half='auto'`).
 */
export function multiclassBrier(predictions: readonly MulticlassPrediction[]): number | null {
  return mean(predictions, ({ label, probabilities }) => {
    let sum = 0;
    for (let k = 0; k < probabilities.length; k++) sum += (probabilities[k] - Number(k === label)) ** 2;
    return probabilities.length === 2 ? sum / 2 : sum;
  });
}

function cost(probability: number): number {
  return -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probability)));
}

function mean<T>(items: readonly T[], value: (item: T) => number): number | null {
  if (items.length === 0) return null;
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
