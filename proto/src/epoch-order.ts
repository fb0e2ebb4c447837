/**
 * The order in which an epoch visits its training bags, and its cut into global batches.
 * In: seed, epoch, number of bags. Out: each bag exactly once (I1); the last batch may be shorter.
 */
import { CounterRng } from './counter-rng.js';

/** Order of the training bags (indices into the list of training bags, in manifest order) in one epoch. */
export function epochOrder(seed: number, epoch: number, bagCount: number): Uint32Array {
  return new CounterRng(seed, ['epoch-order', epoch]).permutation(bagCount);
}

/** Number of steps that an epoch of `bagCount` bags takes with `batch` bags per step. */
export function stepsPerEpoch(bagCount: number, batch: number): number {
  return Math.ceil(bagCount / batch);
}

/** The bags of step `step` (0-based within the epoch), in order. */
export function batchOf(order: Uint32Array, batch: number, step: number): Uint32Array {
  return order.subarray(step * batch, Math.min(order.length, (step + 1) * batch));
}
