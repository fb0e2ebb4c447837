/**
 * A bag in a safetensors file: tensors by the names of array-names.ts, or one tensor alone.
 */
import { openSafetensors } from '../safetensors/safetensors-arrays.js';
import type { BagFormat } from './bag-format.js';
import { openByNames } from './open-by-names.js';

export const safetensorsBag: BagFormat = {
  name: 'safetensors',
  suffixes: ['.safetensors'],
  open: async (source, file) => openByNames(await openSafetensors(source, file), file),
};
