/**
 * From a chunk as it is stored to its values: the filters of its dataset, undone from the last to the first.
 * In: a dataset's filters. Out: a function that unpacks its chunks, with a bound of what they can unpack to.
 */
import type { BagFile } from '../../bag-file.js';
import type { ChunkGrid } from '../chunks/chunk-grid.js';
import type { StoredFilter } from '../filter-message.js';
import { hdf5Unread, hdf5Wrong, shown } from '../hdf5-errors.js';
import type { Turns } from '../turns.js';
import { DEFLATE_MOST_PER_BYTE, unpackDeflate } from './deflate.js';
import { checkFletcher32, FLETCHER32_BYTES } from './fletcher32.js';
import { LZF_MOST_PER_BYTE, unpackLzf } from './lzf.js';
import { unshuffle } from './shuffle.js';

export interface Unpacker {
  /** There is nothing to undo. */
  readonly plain: boolean;
  /** No chunk unpacks to more than this, per stored byte. */
  readonly mostPerByte: number;
  /** `mask`: bit i is set where the i-th filter was left out. Exactly a chunk's bytes, a view or a copy. */
  unpack(stored: Uint8Array, mask: number, turns: Turns): Promise<Uint8Array>;
}

/** `most`: the bytes that may come out. */
type Undo = (
  bytes: Uint8Array,
  most: number,
  filter: StoredFilter,
  turns: Turns,
) => Promise<Uint8Array | null>;

const FILTERS: {
  readonly [id: number]: { readonly name: string; readonly mostPerByte: number; readonly undo: Undo };
} = {
  1: { name: 'deflate', mostPerByte: DEFLATE_MOST_PER_BYTE, undo: unpackDeflate },
  2: {
    name: 'shuffle',
    mostPerByte: 1,
    undo: (bytes, _, { parameters }, turns) => unshuffle(bytes, parameters[0] ?? 1, turns),
  },
  3: { name: 'fletcher32', mostPerByte: 1, undo: (bytes, _, __, turns) => checkFletcher32(bytes, turns) },
  32000: {
    name: 'lzf',
    mostPerByte: LZF_MOST_PER_BYTE,
    undo: (bytes, most, _, turns) => unpackLzf(bytes, most, turns),
  },
};
/** What others are called, for people. */
const UNREAD: { readonly [id: number]: string } = {
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  307: 'bzip2',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32013: 'zfp',
  32015: 'zstd',
  32026: 'blosc2',
};

/** @throws BagfleetError `bag-format` for a filter that is not read; `name` of the dataset */
export function unpackerOf(
  filters: readonly StoredFilter[],
  { chunkBytes }: Pick<ChunkGrid, 'chunkBytes'>,
  name: string,
  file: BagFile,
): Unpacker {
  for (const [i, { id, ...filter }] of filters.entries()) {
    if (!Object.hasOwn(FILTERS, id)) throw unread(id, filter.name, name, file);
    if (filters.findIndex((other) => other.id === id) < i)
      throw hdf5Wrong(file, `its ${name} is packed by ${FILTERS[id].name} twice`);
  }
  return {
    plain: filters.length === 0,
    mostPerByte: filters.reduce((product, { id }) => product * FILTERS[id].mostPerByte, 1),
    unpack: (stored, mask, turns) => unpack(stored, filters, mask, chunkBytes, name, file, turns),
  };
}

async function unpack(
  stored: Uint8Array,
  filters: readonly StoredFilter[],
  mask: number,
  chunkBytes: number,
  name: string,
  file: BagFile,
  turns: Turns,
): Promise<Uint8Array> {
  let bytes = stored;
  for (const [i, filter] of [...filters.entries()].reverse()) {
    if (mask & (1 << i)) continue;
    const sums = filters.slice(0, i).filter(({ id }) => id === 3).length;
    bytes = await undo(bytes, filter, chunkBytes + FLETCHER32_BYTES * sums, name, file, turns);
  }
  if (bytes.length === chunkBytes) return bytes;
  throw hdf5Wrong(file, `a chunk of its ${name} has ${bytes.length} bytes, not ${chunkBytes}`);
}

async function undo(
  bytes: Uint8Array,
  filter: StoredFilter,
  most: number,
  name: string,
  file: BagFile,
  turns: Turns,
): Promise<Uint8Array> {
  const { undo: undoOf, name: filterName } = FILTERS[filter.id];
  const undone = await undoOf(bytes, most, filter, turns).catch((cause: unknown) => {
    turns.signal?.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw hdf5Wrong(file, `a chunk of its ${name} cannot be unpacked by ${filterName}: ${why}`);
  });
  if (undone) return undone;
  throw hdf5Wrong(file, `the checksum of a chunk of its ${name} is wrong: bytes have changed`);
}

function unread(id: number, filterName: string, name: string, file: BagFile) {
  const called = UNREAD[id] ?? (filterName === '' ? 'an unknown filter' : shown(filterName));
  const known = Object.values(FILTERS).map((filter) => filter.name);
  return hdf5Unread(
    file,
    `its ${name} is packed by ${called} (filter ${id}); known are ${known.join(', ')}`,
    "Rewrite the file with `h5repack -f GZIP=1 OLD NEW`, or save it with compression='gzip' or none.",
  );
}
