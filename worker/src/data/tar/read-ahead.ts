/**
 * A byte source that asks for more than it is asked for, so that many small reads in order become few.
 */
import type { ByteSource } from '../formats/bag-format.js';

const WINDOW_BYTES = 256 * 1024;

export function readAhead(source: ByteSource): ByteSource {
  let from = 0;
  let window: Uint8Array = new Uint8Array(0);
  return {
    bytes: source.bytes,
    async read(start, length) {
      if (start < from || start + length > from + window.length) {
        window = await source.read(start, Math.min(Math.max(length, WINDOW_BYTES), source.bytes - start));
        from = start;
      }
      return window.subarray(start - from, start - from + length);
    },
  };
}
