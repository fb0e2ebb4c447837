/** `random`: bagSize instances without replacement, all sets of them alike. */
import { rngOf } from '../visit.js';
import type { Sampler } from './sampler.js';

export function randomSampler(bagSize: number): Sampler {
  return ({ instances }, visit) =>
    instances <= bagSize ? null : rngOf(visit, 'sampler').permutation(instances).slice(0, bagSize);
}
