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
export type Stored = Omit<StoredChunk, 'place'> | null;

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
