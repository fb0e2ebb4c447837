/**
 * `region`: the bagSize instances that lie closest to a randomly drawn one, on its slide.
 * Where the slide has fewer, the region around another one adds the rest.
 */
import { rngOf } from '../visit.js';
import { coordsOf, type Sampler } from './sampler.js';

export function regionSampler(bagSize: number): Sampler {
  return (bag, visit) => {
    const coords = coordsOf(bag, visit, 'region'); // [instances, 2]
    if (bag.instances <= bagSize) return null;
    const chosen: number[] = [];
    const taken = new Uint8Array(bag.slides.length); // by slide: a slide that was begun is used up
    for (const centre of rngOf(visit, 'sampler').permutation(bag.instances)) {
      if (chosen.length === bagSize) break;
      const slide = slideOf(centre, bag.slides);
      if (taken[slide]) continue;
      taken[slide] = 1;
      const nearest = nearestFirst(coords, centre, [bag.slides[slide], bag.slides[slide + 1]]);
      chosen.push(...nearest.subarray(0, bagSize - chosen.length));
    }
    return Uint32Array.from(chosen);
  };
}

function slideOf(instance: number, slides: readonly number[]): number {
  return slides.findIndex((_, slide) => instance < slides[slide + 1]);
}

/** Instances first … end-1 by their distance from the centre, of equals the lower index first. */
function nearestFirst(
  coords: Float32Array,
  centre: number,
  [first, end]: readonly [number, number],
): Uint32Array {
  const distance = new Float64Array(end - first);
  for (let i = first; i < end; i++)
    distance[i - first] =
      (coords[2 * i] - coords[2 * centre]) ** 2 + (coords[2 * i + 1] - coords[2 * centre + 1]) ** 2;
  const instances = Uint32Array.from(distance, (_, i) => first + i);
  return instances.sort((a, b) => distance[a - first] - distance[b - first] || a - b);
}
