/**
 * Why a metric has no value: said to people instead of a 0 that would look like a result.
 * scikit-learn's zero_division gives 0 or 1 there, and average_precision_score 0; here it is null.
 */
import type { MetricName } from '@bagfleet/proto';

/** Completes the sentence "auc is undefined: …". With several classes a macro value is null only when it is so for every class. */
export const UNDEFINED_BECAUSE: Readonly<Record<MetricName, string>> = {
  loss: 'no loss was computed',
  auc: 'it needs bags of both classes',
  auprc: 'it needs a positive bag',
  accuracy: 'there is no bag',
  balancedAccuracy: 'it needs bags of both classes',
  f1: 'no bag is positive and none was called positive',
  sensitivity: 'it needs a positive bag',
  specificity: 'it needs a negative bag',
  ppv: 'no bag was called positive',
  npv: 'no bag was called negative',
  kappa: 'all bags are of one class and were called that class',
  quadraticKappa: 'all bags are of one class and were called that class',
  logLoss: 'there is no bag',
  brier: 'there is no bag',
};
