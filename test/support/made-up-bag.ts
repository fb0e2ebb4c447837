/** Bags in memory, for tests that need no file. */
import type { Bag } from '@bagfleet/worker/data/bag';

/** float32 features in shared memory; nothing beside them. */
export function bagOfValues(id: string, values: ArrayLike<number>, instanceShape: readonly number[]): Bag {
  const features = new Float32Array(new SharedArrayBuffer(values.length * 4));
  features.set(values);
  const instances = values.length / instanceShape.reduce((product, size) => product * size, 1);
  return {
    id,
    instances,
    instanceShape,
    type: 'float32',
    features,
    coords: null,
    instanceLabels: null,
    edges: null,
    offsets: [0, instances],
    slides: [0, instances],
  };
}
