/**
 * From a bag as it is stored to the instances that a model sees in one visit:
 *
 *   all → sampled → some left out → widened → cropped, turned, recoloured → normalised → noisy
 *
 * In: the bag, the job's rules, the visit. Out: float32 instances, and the graph between them. A function of these alone, never of the worker or of
 * what was drawn before (I2); it runs in the compute thread.
 */
import { addNoise } from './augment/add-noise.js';
import { type BagGraph, graphBetween } from './bag-graph.js';
import { dropInstances } from './drop-instances.js';
import type { InstanceRules } from './instance-rules.js';
import type { SampledBag } from './samplers/sampler.js';
import { seeTiles } from './see-tiles.js';
import { toFloat32 } from './to-float32.js';
import type { Visit } from './visit.js';

export interface PreparedInstances {
  readonly instances: number;
  /** [instances, ...rules.shape] */
  readonly features: Float32Array;
  /** Between these instances; null where the bag has no edges. */
  readonly graph: BagGraph | null;
}

/** `visit` is null in inference, where all instances count, and as they are. */
export function prepareInstances(
  bag: SampledBag,
  rules: InstanceRules,
  visit: Visit | null,
): PreparedInstances {
  const chosen = visit && chooseInstances(bag, rules, visit); // [chosen], null for all
  const instances = chosen?.length ?? bag.instances;
  const graph = bag.edges && graphBetween(bag.edges, bag.instances, chosen);
  const changes = rules.normalizer !== null || (visit !== null && rules.augment.featureNoise > 0);
  if (!chosen && !rules.tiles && !changes && bag.type === 'float32')
    return { instances, features: bag.features as Float32Array, graph };
  const features = rules.tiles
    ? seeTiles(bag, chosen, rules.tiles, rules.augment, visit)
    : widened(bag, chosen); // [instances, ...shape]
  rules.normalizer?.(features);
  if (visit && rules.augment.featureNoise > 0)
    addNoise(features, instances, rules.augment.featureNoise, visit);
  return { instances, features, graph };
}

/** Ascending, so that neighbours in the file stay neighbours. */
function chooseInstances(bag: SampledBag, rules: InstanceRules, visit: Visit): Uint32Array | null {
  const sampled = rules.sampler(bag, visit)?.sort() ?? null;
  return dropInstances(sampled, bag.instances, rules.augment.instanceDropout, visit);
}

/** Only what was chosen is widened. */
function widened(bag: SampledBag, chosen: Uint32Array | null): Float32Array {
  if (!chosen) return toFloat32(bag, 0, bag.features.length);
  const size = bag.features.length / bag.instances;
  const features = new Float32Array(chosen.length * size); // [chosen, ...instanceShape]
  for (const [place, instance] of chosen.entries())
    toFloat32(bag, instance * size, size, features.subarray(place * size, (place + 1) * size));
  return features;
}
