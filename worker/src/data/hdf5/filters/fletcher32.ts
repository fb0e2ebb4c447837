/**
 * The checksum at the end of chunks (filter 3): Fletcher's over big-endian words of 16 bits.
 * In: a chunk with its checksum. Out: the chunk without it, or null where the checksum is another.
 */
import type { Turns } from '../turns.js';

export const FLETCHER32_BYTES = 4;
/** So many words add up to less than 2^32. */
const WORDS_PER_FOLD = 360;
const BYTES_PER_STEP = WORDS_PER_FOLD * 2 * 1024;

export async function checkFletcher32(chunk: Uint8Array, turns: Turns): Promise<Uint8Array | null> {
  if (chunk.length < FLETCHER32_BYTES) return null;
  const bytes = chunk.subarray(0, -FLETCHER32_BYTES);
  const sums: Sums = { first: 0, second: 0 };
  for (let at = 0; at < bytes.length; at += BYTES_PER_STEP) {
    addWords(bytes.subarray(at, at + BYTES_PER_STEP), sums);
    await turns.spend(BYTES_PER_STEP);
  }
  const [first, second] = [fold(sums.first), fold(sums.second)];
  const [a, b, c, d] = chunk.subarray(-FLETCHER32_BYTES);
  const stored = [a | (b << 8), c | (d << 8)];
  const given = stored[0] === first && stored[1] === second;
  const swapped = stored[0] === turned(first) && stored[1] === turned(second); // HDF5 1.6.2 and before
  return given || swapped ? bytes : null;
}

interface Sums {
  first: number;
  second: number;
}

function addWords(bytes: Uint8Array, sums: Sums): void {
  let { first, second } = sums;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 2 * WORDS_PER_FOLD);
    for (; at < end; at += 2) {
      first += (bytes[at] << 8) | (bytes[at + 1] ?? 0); // a last single byte is the upper one
      second += first;
    }
    first = fold(first);
    second = fold(second);
  }
  sums.first = first;
  sums.second = second;
}

function fold(sum: number): number {
  return (sum & 0xffff) + (sum >>> 16);
}

function turned(word: number): number {
  return ((word & 0xff) << 8) | (word >> 8);
}
