/**
 * How many instances of a bag a training step computes on: what it costs.
 * In: the job's data.sampler and data.augment, the bag's instances. Out: a number that is right for samplers that take
 * bagSize; where the number is drawn (instanceDropout) the expected one, where it depends on the content (tissue,
 * custom) the largest.
 */
import type { AugmentSpec } from './augment-spec.js';
import type { SamplerSpec } from './sampler-spec.js';

export interface InstanceDraw {
  readonly sampler: SamplerSpec;
  readonly augment: AugmentSpec;
}

export function instancesSeen({ sampler, augment }: InstanceDraw, instances: number): number {
  const sampled = sampler.kind === 'all' ? instances : Math.min(sampler.bagSize, instances);
  return Math.max(1, Math.round(sampled * (1 - augment.instanceDropout)));
}
