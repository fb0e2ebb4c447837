/**
 * Reads a file, or a range of it, as it is at one moment.
 * In: the open file and the range. Out: the bytes, in memory of their own (aligned at 0).
 * A file is never changed in place, so the open handle sees one version, whatever is published meanwhile.
 */
import type { FileHandle } from 'node:fs/promises';
import type { GetOptions } from './object-store.js';

/** Between two slices an abort is noticed. */
const SLICE = 8 << 20;

export async function readRange(file: FileHandle, size: number, options: GetOptions): Promise<Uint8Array> {
  const start = Math.min(options.range?.start ?? 0, size);
  const length = Math.min(options.range?.length ?? size, size - start);
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let filled = 0;
  while (filled < length) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await file.read(bytes, filled, Math.min(SLICE, length - filled), start + filled);
    if (bytesRead === 0) break; // somebody cut the file in place
    filled += bytesRead;
  }
  options.signal?.throwIfAborted();
  return filled === length ? bytes : bytes.slice(0, filled);
}
