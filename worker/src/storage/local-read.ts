/**
 * Reads a file, or a range of it, as it is at one moment.
 * In: the open file and the range. Out: the bytes, in memory of their own (aligned at 0) or in memory that is given.
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
  const filled = await fillFrom(file, bytes, start, options.signal);
  return filled === length ? bytes : bytes.slice(0, filled);
}

/** How much of `into` was filled: less than all if the file ends before, or somebody cut it in place. */
export async function fillFrom(
  file: FileHandle,
  into: Uint8Array,
  start: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    signal?.throwIfAborted();
    const length = Math.min(SLICE, into.length - filled);
    const { bytesRead } = await file.read(into, filled, length, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  signal?.throwIfAborted();
  return filled;
}
