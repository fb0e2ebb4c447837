/**
 * A bag in an HDF5 file, as CLAM and TRIDENT write them: datasets by the names of array-names.ts, or one dataset alone;
 * in the root, or the features and what belongs to them in one group of it.
 */
import { openHdf5 } from '../hdf5/hdf5-arrays.js';
import type { BagFormat } from './bag-format.js';
import { openByNames } from './open-by-names.js';

export const hdf5Bag: BagFormat = {
  name: 'hdf5',
  suffixes: ['.h5', '.hdf5'],
  open: async (source, file) => openByNames(await openHdf5(source, file), file),
};
