/**
 * Normal noise on each value of each instance. In: float32 values, the standard deviation. Out: the same array.
 * Each instance has numbers of its own, so that no more than one instance's lie in memory.
 */
import { rngOf, type Visit } from '../visit.js';

export function addNoise(values: Float32Array, instances: number, deviation: number, visit: Visit): void {
  const size = values.length / instances;
  for (let instance = 0; instance < instances; instance++) {
    const noise = rngOf(visit, 'noise', instance).normal(size); // [...instanceShape]
    for (let i = 0; i < size; i++) values[instance * size + i] += deviation * noise[i];
  }
}
