/**
 * What metrics are computed from: one prediction per bag, each bag once.
 * In: labels and probabilities. Out: nothing, or an error that says which prediction can't be scored.
 */
import { BagfleetError } from '@bagfleet/proto';

export interface BinaryPrediction {
  /** 0 or 1. */
  readonly label: number;
  /** Probability of class 1, 0 … 1. */
  readonly probability: number;
}

export interface MulticlassPrediction {
  /** Index of the class, 0 … K-1. */
  readonly label: number;
  /** [K], each 0 … 1; their sum is 1. */
  readonly probabilities: ArrayLike<number>;
}

/** Throws `bug`: whoever calls has checked labels against the manifest and logits for NaN before. */
export function checkBinary(predictions: readonly BinaryPrediction[]): void {
  predictions.forEach(({ label, probability }, at) => {
    if (label !== 0 && label !== 1) throw unscorable(at, `its label is ${label}, not 0 or 1`);
    checkProbability(at, probability);
  });
}

/** Throws `bug`; `classes` is K. */
export function checkMulticlass(predictions: readonly MulticlassPrediction[], classes: number): void {
  predictions.forEach(({ label, probabilities }, at) => {
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw unscorable(at, `its label is ${label}, not a class 0 … ${classes - 1}`);
    if (probabilities.length !== classes)
      throw unscorable(at, `it has ${probabilities.length} probabilities for ${classes} classes`);
    for (let k = 0; k < classes; k++) checkProbability(at, probabilities[k]);
  });
}

function checkProbability(at: number, probability: number): void {
  if (!(probability >= 0 && probability <= 1)) throw unscorable(at, `its probability is ${probability}`);
}

function unscorable(at: number, why: string): BagfleetError {
  return new BagfleetError('bug', `prediction ${at} can't be scored: ${why}`);
}
