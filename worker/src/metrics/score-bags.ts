/**
 * From a model's logits for a list of bags to their metrics, with the threshold chosen on these very bags
 * or given (a checkpoint's).
 * In: loss, weight, logits and label per bag, in manifest order. Out: metric values, the threshold (two classes).
 */
import { BagfleetError, type MetricValues, type ThresholdRule } from '@bagfleet/proto';
import { evaluateBinary } from './evaluate-binary.js';
import { evaluateMulticlass, type OneVsRest } from './evaluate-multiclass.js';
import { sigmoid, softmax } from './probability.js';
import { chooseThreshold } from './threshold.js';

export interface ScoredBag {
  /** Index into the manifest's `bags`. */
  readonly bag: number;
  /** Class index, 0 … classes-1. */
  readonly label: number;
  /** Weighted loss and weight of the bag: the mean loss is Σ loss / Σ weight. */
  readonly loss: number;
  readonly weight: number;
  /** [1] for two classes (the logit of class 1), else [classes]. */
  readonly logits: readonly number[];
}

export interface BagScores {
  readonly values: MetricValues;
  /** Null with several classes: the most probable class is called. */
  readonly threshold: number | null;
  /** Each class against the rest; null with two classes. */
  readonly classes: readonly OneVsRest[] | null;
}

/** `threshold`: a rule, or the number that a checkpoint keeps. */
export function scoreBags(
  bags: readonly ScoredBag[],
  { classes, threshold }: { readonly classes: number; readonly threshold: ThresholdRule | number },
): BagScores {
  for (const bag of bags) refuseNotFinite(bag);
  const loss = meanLoss(bags);
  if (classes > 2) {
    const predictions = bags.map(({ label, logits }) => ({ label, probabilities: softmax(logits) }));
    const report = evaluateMulticlass(predictions, loss, classes);
    return { values: report.values, threshold: null, classes: report.classes };
  }
  const predictions = bags.map(({ label, logits }) => ({ label, probability: sigmoid(logits[0]) }));
  const chosen =
    typeof threshold === 'number' ? threshold : chooseThreshold(threshold, predictions).threshold;
  return { values: evaluateBinary(predictions, loss, chosen), threshold: chosen, classes: null };
}

function meanLoss(bags: readonly ScoredBag[]): number | null {
  const weight = bags.reduce((sum, bag) => sum + bag.weight, 0);
  return weight === 0 ? null : bags.reduce((sum, bag) => sum + bag.loss, 0) / weight;
}

function refuseNotFinite({ bag, loss, logits }: ScoredBag): void {
  if (Number.isFinite(loss) && logits.every(Number.isFinite)) return;
  throw new BagfleetError('loss-not-finite', `has loss ${loss} and logits ${logits.join(', ')}`, {
    culprit: `bag ${bag} of the manifest (counted from 0)`,
    hint: 'A lower learning rate or train.clipNorm keeps the parameters finite.',
  });
}
