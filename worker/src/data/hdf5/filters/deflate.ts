/**
 * Chunks packed by zlib's deflate (filter 1).
 * In: packed bytes, and how many they may give. Out: the bytes; never more than that are unpacked.
 */
import { promisify } from 'node:util';
import { type InputType, inflate, inflateSync, type ZlibOptions } from 'node:zlib';

/** Deflate packs at most 258 bytes into two bits. */
export const DEFLATE_MOST_PER_BYTE = 1032;
/** Below this the way to another thread costs more than the work. */
const SMALL = 65_536;

const inflateElsewhere = promisify<InputType, ZlibOptions, Buffer>(inflate);

/** @throws RangeError if there are more than `most`, another Error if it is not zlib's */
export async function unpackDeflate(packed: Uint8Array, most: number): Promise<Uint8Array> {
  const options = { maxOutputLength: Math.max(1, most), chunkSize: Math.min(2 ** 20, Math.max(64, most)) };
  try {
    return await (most < SMALL ? inflateSync(packed, options) : inflateElsewhere(packed, options));
  } catch (thrown) {
    throw thrown instanceof RangeError ? new RangeError('they give more bytes') : thrown;
  }
}
