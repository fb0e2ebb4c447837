/**
 * A bag in a NumPy .npz file, compressed or not: arrays by the names of array-names.ts, or one array alone; a graph
 * also as `row` and `col`.
 */
import { withAdjacency } from '../npz/adjacency.js';
import { openNpz } from '../npz/npz-arrays.js';
import type { BagFormat } from './bag-format.js';
import { openByNames } from './open-by-names.js';

export const npzBag: BagFormat = {
  name: 'npz',
  suffixes: ['.npz'],
  open: async (source, file) => openByNames(withAdjacency(await openNpz(source, file), file), file),
};
