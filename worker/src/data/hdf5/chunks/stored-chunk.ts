/**
 * A chunk as an index of chunks tells it.
 */
import type { Fields } from '../fields.js';

export interface StoredChunk {
  /** In chunks, per axis. */
  readonly place: readonly number[];
  readonly address: number;
  readonly bytes: number;
  /** Bit i: the i-th filter was left out. */
  readonly mask: number;
}

/** Where a chunk is stored; null where it was never written. */
type Stored = Omit<StoredChunk, 'place'> | null;

/**
 * Reads one entry of an index: an address, and of a filtered chunk its bytes and mask.
 * `entryBytes` is the length of those; they may be followed by others.
 */
export function readStored(
  fields: Fields,
  filtered: boolean,
  entryBytes: number,
  chunkBytes: number,
): Stored {
  const address = fields.address();
  const bytes = filtered ? fields.uint(sizeBytes(fields, entryBytes)) : chunkBytes;
  const mask = filtered ? fields.u32() : 0;
  return address === null ? null : { address, bytes, mask };
}

/** How long the sizes of chunks are differs between versions; entries tell it by their own length. */
function sizeBytes(fields: Fields, entryBytes: number): number {
  const bytes = entryBytes - fields.sizes.addressBytes - 4;
  if (bytes >= 1 && bytes <= 8) return bytes;
  throw fields.wrong(`has entries of ${entryBytes} bytes`);
}

/** A run of entries of an index by arrays, the first of which has the number `first`. */
export function storedChunks(
  entries: Fields,
  first: number,
  count: number,
  { filtered, entryBytes }: { readonly filtered: boolean; readonly entryBytes: number },
  { chunkBytes }: { readonly chunkBytes: number },
  placeOf: (number: number) => readonly number[],
): readonly StoredChunk[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const stored = readStored(entries, filtered, entryBytes, chunkBytes);
    return stored ? [{ place: placeOf(first + i), ...stored }] : [];
  });
}
