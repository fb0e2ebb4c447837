/**
 * Which instances of a bag are seen in one visit.
 * In: the job's data.sampler, how many instances there are, the visit. Out: ascending indices; null for all.
 */
import { CounterRng } from '@bagfleet/proto/counter-rng';
import type { SamplerSpec } from '@bagfleet/proto/sampler-spec';
import type { Visit } from './prepare-instances.js';

export function sampleInstances(
  { kind, bagSize }: SamplerSpec,
  instances: number,
  { seed, epoch, bag }: Visit,
): Uint32Array | null {
  if (kind === 'all' || instances <= bagSize) return null;
  const order = new CounterRng(seed, ['sampler', epoch, bag]).permutation(instances); // [instances]
  return order.slice(0, bagSize).sort(); // [bagSize]
}
