/**
 * Links of a group to what it holds, and how many of them a bag's file may have.
 */
import type { BagFile } from '../bag-file.js';
import { hdf5Unread } from './hdf5-errors.js';

export interface Link {
  readonly name: string;
  /** Of the object's header. */
  readonly address: number;
}

export const MOST_LINKS = 256;

export function tooManyLinks(file: BagFile) {
  return hdf5Unread(
    file,
    `one of its groups holds more than ${MOST_LINKS} objects`,
    'A bag is a handful of arrays: features, coords, inst_labels, edge_index. Save one bag per file.',
  );
}
