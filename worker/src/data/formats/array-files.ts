/**
 * Files that hold arrays, as arrays by name: for what lies beside a bag's features in a file of its own.
 * In: a file's bytes and its key. Out: its arrays; the ending of the key decides how it is read.
 */
import { type BagFile, bagError } from '../bag-file.js';
import { openHdf5 } from '../hdf5/hdf5-arrays.js';
import { npyArray } from '../npy/npy-array.js';
import { withAdjacency } from '../npz/adjacency.js';
import { openNpz } from '../npz/npz-arrays.js';
import { openSafetensors } from '../safetensors/safetensors-arrays.js';
import { openTorch } from '../torch/torch-archive.js';
import { torchArrays } from '../torch/torch-arrays.js';
import type { ByteSource } from './bag-format.js';
import type { NamedArrays } from './stored-array.js';

type OpenArrays = (source: ByteSource, file: BagFile) => Promise<NamedArrays>;

const ARRAY_FILES: Readonly<Record<string, OpenArrays>> = {
  '.npy': openNpy,
  '.npz': async (source, file) => withAdjacency(await openNpz(source, file), file),
  '.h5': openHdf5,
  '.hdf5': openHdf5,
  '.safetensors': openSafetensors,
  '.pt': async (source, file) => torchArrays(await openTorch(source, file), file),
};

/** @throws BagfleetError `bag-format` for a key of another ending, and as the format's reader does */
export async function openArrayFile(source: ByteSource, file: BagFile): Promise<NamedArrays> {
  const name = file.file.toLowerCase();
  const suffix = Object.keys(ARRAY_FILES).find((ending) => name.endsWith(ending));
  if (suffix !== undefined) return ARRAY_FILES[suffix](source, file);
  throw bagError(
    'bag-format',
    file,
    'its ending names no file of arrays that is read',
    `Known endings: ${Object.keys(ARRAY_FILES).join(', ')}.`,
  );
}

async function openNpy(source: ByteSource, file: BagFile): Promise<NamedArrays> {
  const content = {
    bytes: source.bytes,
    readStart: (length: number) => source.read(0, Math.min(length, source.bytes)),
    readAll: () => source.read(0, source.bytes),
  };
  return { names: ['array'], array: (name) => npyArray(content, name, file) };
}
