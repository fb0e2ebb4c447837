/**
 * Normal noise on each value of each instance. In: float32 values, the standard deviation. Out: the same array.
 * Each instance has numbers of its own, so that no more than one instance's lie in memory. They come from a table: two
 * per random word, in a tenth of the time that logarithms and cosines take.
 */

import { rngOf, type Visit } from '../visit.js';
import { normalQuantiles } from './normal-quantiles.js';

export function addNoise(values: Float32Array, instances: number, deviation: number, visit: Visit): void {
  const size = values.length / instances;
  const quantiles = normalQuantiles(); // [65,536]
  for (let instance = 0; instance < instances; instance++) {
    const words = rngOf(visit, 'noise', instance).uint32(Math.ceil(size / 2));
    const halves = new Uint16Array(words.buffer); // [size], or one more
    for (let i = 0; i < size; i++) values[instance * size + i] += deviation * quantiles[halves[i]];
  }
}
