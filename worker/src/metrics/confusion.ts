/**
 * Counts of right and wrong decisions, and the rates that follow from them.
 * In: predictions and a threshold, or a class of a confusion matrix. Out: rates 0 … 1, null where undefined.
 */
import type { BinaryPrediction } from './prediction.js';

export interface DecisionCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface DecisionRates {
  readonly accuracy: number | null;
  /** Mean of sensitivity and specificity; null with one class only (scikit-learn: the one that exists). */
  readonly balancedAccuracy: number | null;
  /** 2·TP / (2·TP + FP + FN); null when nothing is or is called positive. */
  readonly f1: number | null;
  /** Recall of the positive class; null without positives. */
  readonly sensitivity: number | null;
  /** Recall of the negative class; null without negatives. */
  readonly specificity: number | null;
  /** Positive predictive value, precision; null when nothing is called positive. */
  readonly ppv: number | null;
  /** Negative predictive value; null when nothing is called negative. */
  readonly npv: number | null;
}

/** A bag is called positive when its probability ≥ threshold. */
export function countDecisions(predictions: readonly BinaryPrediction[], threshold: number): DecisionCounts {
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (const { label, probability } of predictions) {
    if (probability >= threshold) counts[label === 1 ? 'truePositives' : 'falsePositives']++;
    else counts[label === 1 ? 'falseNegatives' : 'trueNegatives']++;
  }
  return counts;
}

export function ratesOf(counts: DecisionCounts): DecisionRates {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = counts;
  const sensitivity = ratio(tp, tp + fn);
  const specificity = ratio(tn, tn + fp);
  return {
    accuracy: ratio(tp + tn, tp + tn + fp + fn),
    balancedAccuracy: sensitivity === null || specificity === null ? null : (sensitivity + specificity) / 2,
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    sensitivity,
    specificity,
    ppv: ratio(tp, tp + fp),
    npv: ratio(tn, tn + fn),
  };
}

/** part / whole; null where the whole is empty. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
