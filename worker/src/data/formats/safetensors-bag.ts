/**
 * A bag in a safetensors file: tensors by the names of array-names.ts, or one tensor alone.
 */
import { openSafetensors } from '../safetensors/safetensors-arrays.js';
import { namesByRole } from './array-names.js';
import { assembleBag } from './assemble-bag.js';
import type { BagFormat } from './bag-format.js';

export const safetensorsBag: BagFormat = {
  name: 'safetensors',
  suffixes: ['.safetensors'],
  async open(source, file) {
    const { names, array } = await openSafetensors(source, file);
    const { features, coords, instanceLabels, edges } = namesByRole(names, file);
    const arrayOf = (name: string | undefined) => (name === undefined ? null : array(name));
    const arrays = {
      features: array(features),
      coords: arrayOf(coords),
      instanceLabels: arrayOf(instanceLabels),
      edges: arrayOf(edges),
    };
    return assembleBag(arrays, file);
  },
};
