/**
 * A .npy file as a stored array, wherever it lies: in the store, or in an archive.
 * In: its content by pieces. Out: a StoredArray, its length compared with its header.
 */
import type { BagFile } from '../bag-file.js';
import type { StoredArray } from '../formats/stored-array.js';
import { checkNpyLength, NPY_PREFIX_BYTES, npyDataStart, readNpyHeader } from '../npy-header.js';

export interface NpyContent {
  readonly bytes: number;
  /** The first `length` bytes, or all where there are fewer. */
  readStart(length: number): Promise<Uint8Array>;
  readAll(signal?: AbortSignal): Promise<Uint8Array>;
}

/** @throws BagfleetError as `readNpyHeader` and `checkNpyLength` do */
export async function npyArray(content: NpyContent, name: string, file: BagFile): Promise<StoredArray> {
  const prefix = await content.readStart(NPY_PREFIX_BYTES);
  const needed = npyDataStart(prefix, file);
  const whole = needed > prefix.length ? await content.readStart(needed) : prefix;
  const header = readNpyHeader(whole, file);
  checkNpyLength(header, content.bytes, file);
  const { type, shape, dataStart } = header;
  return { name, type, shape, read: async (signal) => (await content.readAll(signal)).subarray(dataStart) };
}
