/**
 * A bag in a file of torch.save: a tensor of features alone, as CLAM writes it, or a dict of tensors by the names of
 * array-names.ts. The pickle in it is read by us, never run.
 */
import { openTorch } from '../torch/torch-archive.js';
import { torchArrays } from '../torch/torch-arrays.js';
import type { BagFormat } from './bag-format.js';
import { openByNames } from './open-by-names.js';

export const torchBag: BagFormat = {
  name: 'torch',
  suffixes: ['.pt'],
  open: async (source, file) => openByNames(torchArrays(await openTorch(source, file), file), file),
};
