/** Made-up bags for samplers: instances whose one value is their index, on slides with coordinates. */
import type { SampledBag } from '@bagfleet/worker/data/instances/samplers/sampler';
import type { Visit } from '@bagfleet/worker/data/instances/visit';
import { bagOfValues } from './made-up-bag.js';

export const VISIT: Visit = { seed: 1, epoch: 1, bag: 'b', repeat: 0 };

/** One slide after the other: the coordinates of their instances. */
export function bagOnSlides(slides: readonly (readonly (readonly [number, number])[])[]): SampledBag {
  const points = slides.flat();
  const coords = new Float32Array(new SharedArrayBuffer(8 * points.length)); // [instances, 2]
  coords.set(points.flat());
  const begins = [0];
  for (const slide of slides) begins.push(begins[begins.length - 1] + slide.length);
  return { ...bagOfValues('b', [...points.keys()], [1]), coords, slides: begins };
}
