/**
 * All metrics of a two-class model over each bag once.
 * In: predictions, the mean loss, the decision threshold. Out: a value per metric name, null where undefined
 * (see undefined-because.ts), never NaN.
 */
import type { MetricValues } from '@bagfleet/proto';
import { countDecisions, ratesOf } from './confusion.js';
import { kappa } from './kappa.js';
import { type BinaryPrediction, checkBinary } from './prediction.js';
import { binaryBrier, binaryLogLoss } from './probability-score.js';
import { auc, averagePrecision } from './ranking.js';
import { scoreTable } from './score-table.js';

/** `loss` is the training objective (class weights included), null when there is none; `logLoss` is plain. */
export function evaluateBinary(
  predictions: readonly BinaryPrediction[],
  loss: number | null,
  threshold: number,
): MetricValues {
  checkBinary(predictions);
  const table = scoreTable(predictions);
  const counts = countDecisions(predictions, threshold);
  const confusion = [
    [counts.trueNegatives, counts.falsePositives],
    [counts.falseNegatives, counts.truePositives],
  ];
  return {
    loss,
    auc: auc(table),
    auprc: averagePrecision(table),
    ...ratesOf(counts),
    kappa: kappa(confusion, 'plain'),
    quadraticKappa: kappa(confusion, 'quadratic'),
    logLoss: binaryLogLoss(predictions),
    brier: binaryBrier(predictions),
  };
}
