/**
 * What can be wrong with an HDF5 file, in words for whoever has to mend it.
 */
import type { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '../bag-file.js';

const MAKE_AGAIN =
  'Write the file again with the tool that made it; a copy or an upload may have damaged it.';
const LONGEST_NAME = 60;

/** The file contradicts itself or the format. */
export function hdf5Wrong(file: BagFile, message: string, cause?: unknown): BagfleetError {
  return bagError('bag-format', file, message, MAKE_AGAIN, cause);
}

export function hdf5Cut(file: BagFile, message: string): BagfleetError {
  return bagError(
    'bag-truncated',
    file,
    message,
    'Copy or write the file again: an upload may have ended early.',
  );
}

/** The file may be sound, but uses a part of HDF5 that is not read. */
export function hdf5Unread(
  file: BagFile,
  message: string,
  hint = 'Rewrite the file with `h5repack -f GZIP=1 OLD NEW`, or save it again with the defaults of h5py.',
): BagfleetError {
  return bagError('bag-format', file, message, hint);
}

/** A name from a file, for a message. */
export function shown(name: string): string {
  return JSON.stringify(printable(name));
}

/** In one line of plain letters. */
export function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_NAME);
}
