/**
 * The shape of a dataset.
 * In: a dataspace message. Out: its extent, and how far it may grow.
 */
import type { Fields } from './fields.js';
import { hdf5Unread } from './hdf5-errors.js';

export interface Dataspace {
  /** [] for a single value. */
  readonly shape: readonly number[];
  /** Infinity where there is no limit. */
  readonly most: readonly number[];
}

const MOST_AXES = 32;
const NOTHING = 2;

export function readDataspace(fields: Fields): Dataspace {
  const version = fields.u8();
  if (version !== 1 && version !== 2)
    throw hdf5Unread(fields.file, `one of its dataspaces has version ${version}; known are 1 and 2`);
  const [axes, flags, kind] = [fields.u8(), fields.u8(), fields.u8()];
  if (version === 1) fields.skip(4);
  else if (kind === NOTHING) return { shape: [0], most: [0] };
  if (axes > MOST_AXES) throw fields.wrong(`has a dataspace of ${axes} axes`);
  const shape = sizesOf(fields, axes);
  const most = flags & 1 ? sizesOf(fields, axes).map(unlessUnlimited(fields)) : shape;
  if (shape.some((size, axis) => !Number.isSafeInteger(size) || size > most[axis]))
    throw fields.wrong(`has a dataspace (${shape.join(', ')}), which is more than it may be`);
  return { shape, most };
}

function sizesOf(fields: Fields, axes: number): number[] {
  return Array.from({ length: axes }, () => fields.length());
}

function unlessUnlimited({ sizes }: Fields): (size: number) => number {
  return (size) => (size >= 256 ** sizes.lengthBytes - 1 ? Infinity : size);
}
