/**
 * Where the values of a dataset lie.
 * In: a layout message, versions 3 to 5. Out: within the header, in a row, or in chunks by one of six indexes.
 */
import type { Fields } from './fields.js';
import { hdf5Unread } from './hdf5-errors.js';

export type Layout =
  | { readonly kind: 'compact'; readonly values: Uint8Array }
  | { readonly kind: 'contiguous'; readonly address: number | null; readonly bytes: number }
  | ChunkedLayout;

export interface ChunkedLayout {
  readonly kind: 'chunked';
  /** In values, per axis. */
  readonly chunk: readonly number[];
  readonly valueBytes: number;
  readonly index: ChunkIndex;
  /** null: no chunk was ever written. */
  readonly address: number | null;
  /** Chunks that reach beyond the dataset's edge went through no filter. */
  readonly plainEdges: boolean;
}

export type ChunkIndex =
  | { readonly kind: 'tree-v1' | 'tree-v2' | 'implicit' | 'fixed-array' | 'extensible-array' }
  /** `stored`: of a filtered chunk its bytes and which filters were left out. */
  | { readonly kind: 'single'; readonly stored: { readonly bytes: number; readonly mask: number } | null };

const [COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL] = [0, 1, 2, 3];

export function readLayout(fields: Fields): Layout {
  const version = fields.u8();
  if (version < 3 || version > 5)
    throw hdf5Unread(fields.file, `one of its datasets has a layout of version ${version}; known are 3 to 5`);
  const kind = fields.u8();
  if (kind === COMPACT) return { kind: 'compact', values: fields.take(fields.u16()) };
  if (kind === CONTIGUOUS) return { kind: 'contiguous', address: fields.address(), bytes: fields.length() };
  if (kind === CHUNKED) return version === 3 ? oldChunks(fields) : newChunks(fields);
  if (kind !== VIRTUAL) throw fields.wrong(`has a layout of class ${kind}`);
  throw hdf5Unread(
    fields.file,
    'one of its datasets is virtual: its values lie in other files',
    'Save the values themselves: file.create_dataset(name, data=dataset[:]).',
  );
}

function oldChunks(fields: Fields): ChunkedLayout {
  const axes = axesOf(fields);
  const address = fields.address();
  const sizes = Array.from({ length: axes }, () => fields.u32());
  return { ...chunkOf(sizes, fields), index: { kind: 'tree-v1' }, address, plainEdges: false };
}

function newChunks(fields: Fields): ChunkedLayout {
  const flags = fields.u8();
  const axes = axesOf(fields);
  const bytes = fields.u8();
  if (bytes < 1 || bytes > 8) throw fields.wrong(`has a chunk whose sizes have ${bytes} bytes`);
  const sizes = Array.from({ length: axes }, () => fields.uint(bytes));
  const index = readIndex(fields, (flags & 2) !== 0);
  return { ...chunkOf(sizes, fields), index, address: fields.address(), plainEdges: (flags & 1) !== 0 };
}

function readIndex(fields: Fields, filtered: boolean): ChunkIndex {
  const kind = fields.u8();
  if (kind === 1)
    return {
      kind: 'single',
      stored: filtered ? { bytes: fields.length(), mask: fields.u32() } : null,
    };
  const known = INDEXES[kind];
  if (!known)
    throw hdf5Unread(fields.file, `one of its datasets has a chunk index of type ${kind}; known are 1 to 5`);
  fields.skip(known.parameters); // the index says them once more
  return { kind: known.kind };
}

const INDEXES: {
  readonly [type: number]: {
    readonly kind: Exclude<ChunkIndex['kind'], 'single'>;
    readonly parameters: number;
  };
} = {
  2: { kind: 'implicit', parameters: 0 },
  3: { kind: 'fixed-array', parameters: 1 },
  4: { kind: 'extensible-array', parameters: 5 },
  5: { kind: 'tree-v2', parameters: 6 },
};

/** One more than the dataset's: the last is the bytes of a value. */
function axesOf(fields: Fields): number {
  const axes = fields.u8();
  if (axes >= 2 && axes <= 33) return axes;
  throw fields.wrong(`has chunks of ${axes} axes`);
}

function chunkOf(sizes: readonly number[], fields: Fields) {
  if (sizes.some((size) => size < 1)) throw fields.wrong(`has chunks of (${sizes.join(', ')})`);
  return { kind: 'chunked' as const, chunk: sizes.slice(0, -1), valueBytes: sizes[sizes.length - 1] };
}
