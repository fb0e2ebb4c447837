/**
 * The order in which an epoch visits its training bags, and its cut into global batches.
 * In: seed, epoch, the bags' classes. Out: the entries of the epoch, each of which counts once (I1); the last batch may
 * be shorter.
 */
import { CounterRng } from './counter-rng.js';

export const EPOCH_ORDERS = ['once', 'balanced'] as const;
export type EpochOrder = (typeof EPOCH_ORDERS)[number];

/** Entries are places in the list of training bags, which is in manifest order; `labels` has their classes. */
export function epochEntries(
  order: EpochOrder,
  { seed, epoch, labels }: { seed: number; epoch: number; labels: readonly number[] },
): Uint32Array {
  return order === 'once' ? epochOrder(seed, epoch, labels.length) : balancedOrder(seed, epoch, labels);
}

/** Each of `bagCount` bags once. */
export function epochOrder(seed: number, epoch: number, bagCount: number): Uint32Array {
  return new CounterRng(seed, ['epoch-order', epoch]).permutation(bagCount);
}

/**
 * As many entries as there are bags: of each the class is drawn uniformly, then the bag within it. That is what weights
 * of 1 / (bags of its class), drawn with replacement, come to: CLAM's `--weighted_sample` (Lu et al. 2021).
 */
export function balancedOrder(seed: number, epoch: number, labels: readonly number[]): Uint32Array {
  const classes = placesByClass(labels);
  const draws = new CounterRng(seed, ['balanced-order', epoch]).uniform(2 * labels.length);
  return Uint32Array.from(labels, (_, entry) => {
    const places = classes[Math.floor(draws[2 * entry] * classes.length)];
    return places[Math.floor(draws[2 * entry + 1] * places.length)];
  });
}

/** Of the classes that there are, in ascending order. */
function placesByClass(labels: readonly number[]): number[][] {
  const classes = new Map<number, number[]>();
  for (const [place, label] of labels.entries()) {
    const places = classes.get(label);
    if (places) places.push(place);
    else classes.set(label, [place]);
  }
  return [...classes].sort(([a], [b]) => a - b).map(([, places]) => places);
}

/** Number of steps that an epoch of `entries` takes with `batch` of them per step. */
export function stepsPerEpoch(entries: number, batch: number): number {
  return Math.ceil(entries / batch);
}

/** Of an array or typed array: the entries of step `step` (0-based within the epoch), in order. */
export function batchOf<T>(
  entries: { slice(first: number, end: number): T },
  batch: number,
  step: number,
): T {
  return entries.slice(step * batch, (step + 1) * batch);
}
