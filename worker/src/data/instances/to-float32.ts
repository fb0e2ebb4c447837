/**
 * Stored features as the float32 values that a model computes on.
 * uint8 (images) becomes value / 255, in 0 … 1; halves keep their values exactly.
 */
import type { BagContent } from '../bag.js';
import { float16Table } from '../float16.js';

/** `count` values from value `first` on, into `out` (a new array if there is none). */
export function toFloat32(
  { features, type }: Pick<BagContent, 'features' | 'type'>,
  first: number,
  count: number,
  out: Float32Array = new Float32Array(count),
): Float32Array {
  const values = features.subarray(first, first + count);
  if (type === 'float32') out.set(values);
  else if (type === 'uint8') for (let i = 0; i < count; i++) out[i] = values[i] / 255;
  else if (type === 'float16') {
    const table = float16Table();
    for (let i = 0; i < count; i++) out[i] = table[values[i]];
  } else {
    // bfloat16 is the upper half of a float32.
    const bits = new Uint32Array(out.buffer, out.byteOffset, count);
    for (let i = 0; i < count; i++) bits[i] = values[i] << 16;
  }
  return out;
}
