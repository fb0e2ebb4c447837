/**
 * The port of samplers: what a sampler is given of a bag and what it answers.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { BagContent } from '../../bag.js';
import type { Visit } from '../visit.js';

export interface SampledBag extends BagContent {
  /** Where the instances of each slide begin, and their end: [0, n1, n1 + n2, …]. */
  readonly slides: readonly number[];
}

/** Indices of the instances that this visit sees, each once, in any order; null for all. */
export type Sampler = (bag: SampledBag, visit: Visit) => Uint32Array | null;

/** @throws BagfleetError `bag-format` for a bag without coordinates */
export function coordsOf({ coords }: SampledBag, { bag }: Visit, kind: string): Float32Array {
  if (coords) return coords;
  throw new BagfleetError('bag-format', `has no coordinates, by which data.sampler.kind: ${kind} draws`, {
    culprit: `bag ${bag}`,
    hint: 'Save coords with the features, name tiles by them (x_1024_y_2048.png), or take the sampler random.',
  });
}
