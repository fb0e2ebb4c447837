/**
 * All formats of bags, and which of them reads a file: the ending of its key decides.
 */
import { type BagFile, bagError } from '../bag-file.js';
import type { BagFormat } from './bag-format.js';
import { hdf5Bag } from './hdf5-bag.js';
import { imageBag } from './image-bag.js';
import { npyBag } from './npy-bag.js';
import { npzBag } from './npz-bag.js';
import { safetensorsBag } from './safetensors-bag.js';
import { tilesTar } from './tiles-tar.js';
import { tilesZip } from './tiles-zip.js';
import { torchBag } from './torch-bag.js';

const FORMATS: readonly BagFormat[] = [
  npyBag,
  npzBag,
  safetensorsBag,
  torchBag,
  hdf5Bag,
  imageBag,
  tilesZip,
  tilesTar,
];

export const BAG_SUFFIXES: readonly string[] = FORMATS.flatMap(({ suffixes }) => suffixes);

/** undefined for a key that no format claims. */
export function formatOf(key: string): BagFormat | undefined {
  const name = key.toLowerCase();
  return FORMATS.find(({ suffixes }) => suffixes.some((suffix) => name.endsWith(suffix)));
}

/** @throws BagfleetError `bag-format` for a key that no format claims */
export function requireFormat(file: BagFile): BagFormat {
  const format = formatOf(file.file);
  if (format) return format;
  throw bagError(
    'bag-format',
    file,
    'its ending names no format that is read',
    `Known endings: ${BAG_SUFFIXES.join(', ')}.`,
  );
}
