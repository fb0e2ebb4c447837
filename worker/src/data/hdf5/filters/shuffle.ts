/**
 * Undoes the shuffle filter (2): all first bytes of the values, then all second ones, and so on.
 * In: shuffled bytes and the bytes of a value. Out: the values; bytes that make no whole value stay at the end.
 */
import type { Turns } from '../turns.js';

const VALUES_PER_STEP = 1 << 20;

export async function unshuffle(bytes: Uint8Array, width: number, turns: Turns): Promise<Uint8Array> {
  if (width < 2 || bytes.length < width) return bytes;
  const count = Math.floor(bytes.length / width);
  const out = new Uint8Array(bytes.length);
  for (let first = 0; first < count; first += VALUES_PER_STEP) {
    const end = Math.min(first + VALUES_PER_STEP, count);
    for (let plane = 0; plane < width; plane++) {
      const from = bytes.subarray(plane * count, (plane + 1) * count);
      for (let i = first, to = first * width + plane; i < end; i++, to += width) out[to] = from[i];
      await turns.spend(end - first);
    }
  }
  out.set(bytes.subarray(count * width), count * width);
  return out;
}
