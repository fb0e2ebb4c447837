/**
 * All metrics of a model with several classes over each bag once, and each class against the rest.
 * In: predictions, the mean loss. Out: macro values under the names of the binary ones, a report per class,
 * the confusion matrix; null where undefined (see undefined-because.ts), never NaN.
 */
import type { MetricValues } from '@bagfleet/proto';
import { type DecisionCounts, type DecisionRates, ratesOf, ratio } from './confusion.js';
import { kappa } from './kappa.js';
import { checkMulticlass, type MulticlassPrediction } from './prediction.js';
import { multiclassBrier, multiclassLogLoss } from './probability-score.js';
import { auc, averagePrecision } from './ranking.js';
import { scoreTable } from './score-table.js';

/** One class against all others; decisions are those of the whole model (the most probable class). */
export interface OneVsRest extends Omit<DecisionRates, 'accuracy' | 'balancedAccuracy'> {
  readonly auc: number | null;
  readonly auprc: number | null;
  /** Bags of this class. */
  readonly support: number;
}

export interface MulticlassReport {
  /**
   * auc, auprc, f1, sensitivity, specificity, ppv, npv: the unweighted mean over the classes for which the value is
   * defined (scikit-learn: average='macro', zero_division=nan). accuracy: share of bags called rightly.
   * balancedAccuracy: mean recall of the classes that occur, null with fewer than two of them.
   */
  readonly values: MetricValues;
  /** [K] */
  readonly classes: readonly OneVsRest[];
  /** [K][K]: bags by true class, then by class called. */
  readonly confusion: readonly (readonly number[])[];
}

/** `classes` is K ≥ 2; `loss` is the training objective, null when there is none. */
export function evaluateMulticlass(
  predictions: readonly MulticlassPrediction[],
  loss: number | null,
  classes: number,
): MulticlassReport {
  checkMulticlass(predictions, classes);
  const confusion = confusionOf(predictions, classes);
  const perClass = confusion.map((_, k) => oneVsRest(predictions, confusion, k));
  const macro = (name: Exclude<keyof OneVsRest, 'support'>) =>
    meanOfDefined(perClass.map((one) => one[name]));
  const right = confusion.reduce((sum, row, k) => sum + row[k], 0);
  const occurring = perClass.filter((one) => one.support > 0).length;
  const values: MetricValues = {
    loss,
    auc: macro('auc'),
    auprc: macro('auprc'),
    accuracy: ratio(right, predictions.length),
    balancedAccuracy: occurring < 2 ? null : macro('sensitivity'),
    f1: macro('f1'),
    sensitivity: macro('sensitivity'),
    specificity: macro('specificity'),
    ppv: macro('ppv'),
    npv: macro('npv'),
    kappa: kappa(confusion, 'plain'),
    quadraticKappa: kappa(confusion, 'quadratic'),
    logLoss: multiclassLogLoss(predictions),
    brier: multiclassBrier(predictions),
  };
  return { values, classes: perClass, confusion };
}

/** The most probable class; of equal ones the first. */
export function mostProbable(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < probabilities.length; k++) if (probabilities[k] > probabilities[best]) best = k;
  return best;
}

function confusionOf(predictions: readonly MulticlassPrediction[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, probabilities } of predictions) counts[label][mostProbable(probabilities)]++;
  return counts;
}

function oneVsRest(
  predictions: readonly MulticlassPrediction[],
  confusion: number[][],
  k: number,
): OneVsRest {
  const table = scoreTable(
    predictions.map(({ label, probabilities }) => ({
      label: Number(label === k),
      probability: probabilities[k],
    })),
  );
  const counts = countsOf(confusion, k);
  const { f1, sensitivity, specificity, ppv, npv } = ratesOf(counts);
  return {
    auc: auc(table),
    auprc: averagePrecision(table),
    f1,
    sensitivity,
    specificity,
    ppv,
    npv,
    support: table.positives,
  };
}

function countsOf(confusion: number[][], k: number): DecisionCounts {
  const truePositives = confusion[k][k];
  const support = confusion[k].reduce((sum, count) => sum + count, 0);
  const called = confusion.reduce((sum, row) => sum + row[k], 0);
  const total = confusion.flat().reduce((sum, count) => sum + count, 0);
  return {
    truePositives,
    falsePositives: called - truePositives,
    falseNegatives: support - truePositives,
    trueNegatives: total - support - called + truePositives,
  };
}

function meanOfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return ratio(
    defined.reduce((sum, value) => sum + value, 0),
    defined.length,
  );
}
