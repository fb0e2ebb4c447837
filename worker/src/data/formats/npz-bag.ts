/**
 * A bag in a NumPy .npz file, compressed or not: arrays by the names of array-names.ts, or one array alone; a graph
 * also as `row` and `col`.
 */
import { adjacencyOf } from '../npz/adjacency.js';
import { openNpz } from '../npz/npz-arrays.js';
import { namesByRole } from './array-names.js';
import { assembleBag } from './assemble-bag.js';
import type { BagFormat } from './bag-format.js';

export const npzBag: BagFormat = {
  name: 'npz',
  suffixes: ['.npz'],
  async open(source, file) {
    const npz = await openNpz(source, file);
    const names = namesByRole(npz.names, file);
    const arrayOf = async (name: string | undefined) => (name === undefined ? null : npz.array(name));
    const arrays = {
      features: await npz.array(names.features),
      coords: await arrayOf(names.coords),
      instanceLabels: await arrayOf(names.instanceLabels),
      edges: (await arrayOf(names.edges)) ?? (await adjacencyOf(npz, file)),
    };
    return assembleBag(arrays, file);
  },
};
