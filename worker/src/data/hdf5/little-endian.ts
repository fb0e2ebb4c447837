/**
 * Numbers of the other byte order.
 * In: big-endian numbers. Out: the same, little-endian, in a copy.
 */
import { Turns } from './turns.js';

/** Whole numbers of any width. */
const BYTES_PER_STEP = 2 ** 20;

export async function littleEndian(
  bytes: Uint8Array,
  width: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (width === 1) return bytes;
  const turns = new Turns(signal);
  const out = Buffer.from(bytes);
  for (let at = 0; at < out.length; at += BYTES_PER_STEP) {
    const step = out.subarray(at, at + BYTES_PER_STEP);
    if (width === 2) step.swap16();
    else if (width === 4) step.swap32();
    else step.swap64();
    await turns.spend(step.length);
  }
  return out;
}
