/**
 * From a bag as it is stored to the instances that a model sees in one visit: drawn, widened, normalised, augmented.
 * In: the bag, the job's rules, which visit (seed, epoch, bag). Out: float32 instances. A function of these alone,
 * never of the worker or of what was drawn before (I2); it runs in the compute thread.
 */
import type { BagContent } from '../bag.js';
import type { Normalizer } from '../normalize.js';
import { toFloat32 } from './to-float32.js';

export interface InstanceRules {
  readonly normalizer: Normalizer | null;
}

/** Which time a bag is looked at; null in inference, where all instances count as they are. */
export interface Visit {
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
  readonly bag: string;
}

export interface PreparedInstances {
  readonly instances: number;
  /** [instances, ...instanceShape] */
  readonly features: Float32Array;
}

export function prepareInstances(
  bag: BagContent,
  { normalizer }: InstanceRules,
  _visit: Visit | null,
): PreparedInstances {
  const { features: stored, type, instances } = bag;
  if (type === 'float32' && !normalizer) return { instances, features: stored as Float32Array };
  const features = toFloat32(bag, 0, stored.length); // [instances, ...instanceShape]
  normalizer?.(features);
  return { instances, features };
}
