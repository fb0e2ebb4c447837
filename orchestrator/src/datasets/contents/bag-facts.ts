/**
 * What the content of a bag is like, in a few numbers. In: a bag. Out: facts to compare bags by. Pure.
 */
import { createHash } from 'node:crypto';
import type { Bag, FeatureType } from '@bagfleet/worker/data/bag';
import { toFloat32 } from '@bagfleet/worker/data/instances/to-float32';

export interface BagFacts {
  readonly id: string;
  readonly type: FeatureType;
  readonly instances: number;
  /** Instances that differ from all before them. */
  readonly distinct: number;
  /** Over all values, as a model sees them before data.normalize. */
  readonly mean: number;
  readonly deviation: number;
}

export function bagFacts(bag: Bag): BagFacts {
  const { id, type, instances, features } = bag;
  const size = features.length / instances;
  const row = new Float32Array(size); // [...instanceShape]
  const seen = new Set<string>();
  let [sum, squares] = [0, 0];
  for (let instance = 0; instance < instances; instance++) {
    const stored = features.subarray(instance * size, (instance + 1) * size);
    seen.add(createHash('md5').update(stored).digest('base64'));
    for (const value of toFloat32(bag, instance * size, size, row)) {
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / features.length;
  const deviation = Math.sqrt(Math.max(0, squares / features.length - mean * mean));
  return { id, type, instances, distinct: seen.size, mean, deviation };
}
