/**
 * Through which filters the chunks of a dataset went when they were written.
 * In: a filter pipeline message, versions 1 and 2. Out: the filters in the order of writing.
 */
import type { Fields } from './fields.js';
import { hdf5Unread } from './hdf5-errors.js';

export interface StoredFilter {
  readonly id: number;
  /** '' where the file does not say. */
  readonly name: string;
  readonly parameters: readonly number[];
}

/** HDF5's own limit. */
const MOST_FILTERS = 32;

export function readFilters(fields: Fields): readonly StoredFilter[] {
  const [version, count] = [fields.u8(), fields.u8()];
  if (version !== 1 && version !== 2)
    throw hdf5Unread(fields.file, `its list of filters has version ${version}; known are 1 and 2`);
  if (count > MOST_FILTERS) throw fields.wrong(`has ${count} filters`);
  if (version === 1) fields.skip(6);
  return Array.from({ length: count }, () => readFilter(fields, version));
}

function readFilter(fields: Fields, version: 1 | 2): StoredFilter {
  const id = fields.u16();
  const nameBytes = version === 1 || id >= 256 ? fields.u16() : 0;
  fields.skip(2); // whether it may be left out: each chunk says whether it was
  const count = fields.u16();
  const name = Buffer.from(fields.take(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes));
  const parameters = Array.from({ length: count }, () => fields.u32());
  if (version === 1 && count % 2 === 1) fields.skip(4);
  return { id, name: name.toString('latin1').replace(/\0.*$/s, ''), parameters };
}
