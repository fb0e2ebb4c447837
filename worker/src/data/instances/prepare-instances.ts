/**
 * From a bag as it is stored to the instances that a model sees in one visit: drawn, widened, normalised, augmented.
 * In: the bag, the job's rules, which visit (seed, epoch, bag). Out: float32 instances. A function of these alone,
 * never of the worker or of what was drawn before (I2); it runs in the compute thread.
 */
import type { SamplerSpec } from '@bagfleet/proto/sampler-spec';
import type { BagContent } from '../bag.js';
import type { Normalizer } from '../normalize.js';
import { sampleInstances } from './sample-instances.js';
import { toFloat32 } from './to-float32.js';

export interface InstanceRules {
  readonly normalizer: Normalizer | null;
  readonly sampler: SamplerSpec;
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
  { normalizer, sampler }: InstanceRules,
  visit: Visit | null,
): PreparedInstances {
  const { features: stored, type, instances } = bag;
  const chosen = visit && sampleInstances(sampler, instances, visit);
  if (chosen) {
    const features = chosenFloats(bag, chosen); // [chosen, ...instanceShape]
    normalizer?.(features);
    return { instances: chosen.length, features };
  }
  if (type === 'float32' && !normalizer) return { instances, features: stored as Float32Array };
  const features = toFloat32(bag, 0, stored.length); // [instances, ...instanceShape]
  normalizer?.(features);
  return { instances, features };
}

/** Only what was chosen is widened. */
function chosenFloats(bag: BagContent, chosen: Uint32Array): Float32Array {
  const width = bag.features.length / bag.instances;
  const features = new Float32Array(chosen.length * width); // [chosen, ...instanceShape]
  for (const [place, instance] of chosen.entries())
    toFloat32(bag, instance * width, width, features.subarray(place * width, (place + 1) * width));
  return features;
}
