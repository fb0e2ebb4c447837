/**
 * A bag in a NumPy .npy file: one array of features, (instances, features) or (instances, height, width, channels).
 */
import { npyArray } from '../npy/npy-array.js';
import { assembleBag } from './assemble-bag.js';
import type { BagFormat } from './bag-format.js';

export const npyBag: BagFormat = {
  name: 'npy',
  suffixes: ['.npy'],
  async open(source, file) {
    const content = {
      bytes: source.bytes,
      readStart: (length: number) => source.read(0, Math.min(length, source.bytes)),
      readAll: () => source.read(0, source.bytes),
    };
    const features = await npyArray(content, 'array', file);
    return assembleBag({ features, coords: null, instanceLabels: null, edges: null }, file);
  },
};
