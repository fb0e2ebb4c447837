/**
 * Byte sources: an object in memory, or one that lies in a store and is read in ranges.
 */
import type { ObjectStore } from '../../storage/object-store.js';
import type { ByteSource } from './bag-format.js';

export function bytesInMemory(bytes: Uint8Array): ByteSource {
  return {
    bytes: bytes.length,
    read: async (start, length) => bytes.subarray(start, start + length),
  };
}

/** For headers: the first `PIECE` bytes are fetched once, everything else when it is asked for. */
export function bytesInStore(store: ObjectStore, key: string, bytes: number): ByteSource {
  let first: Promise<Uint8Array> | undefined;
  const fetch = async (start: number, length: number) =>
    (await store.get(key, { range: { start, length } })).bytes;
  return {
    bytes,
    async read(start, length) {
      if (start + length > PIECE) return fetch(start, length);
      first ??= fetch(0, Math.min(PIECE, bytes));
      return (await first).subarray(start, start + length);
    },
  };
}

/** Holds the headers of nearly all files: one request instead of several. */
const PIECE = 4096;
