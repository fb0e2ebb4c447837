/**
 * The values of a strided view of numbers, row-major.
 * In: a storage's bytes, and which of its numbers are meant. Out: their bytes, a view where they lie in a row.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { countOf } from '../formats/stored-array.js';

export interface Strides {
  /** First number. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Per axis, in numbers. */
  readonly strides: readonly number[];
}

/** Values that are moved before other work of the thread (heartbeats, transfers) gets its turn: some ms. */
const VALUES_PER_TURN = 1 << 20;

/** All numbers that are meant lie within the storage. `width` is the bytes of one: 1, 2, 4 or 8. */
export async function rowMajor(
  storage: Uint8Array,
  width: number,
  view: Strides,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { offset, shape } = view;
  const count = countOf(shape);
  if (isContiguous(view)) return storage.subarray(offset * width, (offset + count) * width);
  const { buffer, byteOffset, length } = storage.byteOffset % width === 0 ? storage : new Uint8Array(storage);
  const out = new ArrayBuffer(count * width);
  const words = length / width;
  if (width === 1) await gather(new Uint8Array(buffer, byteOffset, words), new Uint8Array(out), view, signal);
  if (width === 2)
    await gather(new Uint16Array(buffer, byteOffset, words), new Uint16Array(out), view, signal);
  if (width === 4)
    await gather(new Uint32Array(buffer, byteOffset, words), new Uint32Array(out), view, signal);
  if (width === 8)
    await gather(new BigUint64Array(buffer, byteOffset, words), new BigUint64Array(out), view, signal);
  return new Uint8Array(out);
}

/** Axes of one entry may have any stride. */
function isContiguous({ shape, strides }: Strides): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return countOf(shape) === 0;
    expected *= shape[axis];
  }
  return true;
}

/** The last axis in the inner loop, the others counted up like an odometer. */
async function gather<Word extends number | bigint>(
  from: { readonly [index: number]: Word },
  to: { [index: number]: Word },
  { offset, shape, strides }: Strides,
  signal: AbortSignal | undefined,
): Promise<void> {
  const last = shape.length - 1;
  const [length, stride] = [shape[last], strides[last]];
  const index = shape.map(() => 0);
  let start = offset;
  let out = 0;
  for (let sinceTurn = 0; ; sinceTurn += length) {
    for (let i = 0; i < length; i++) to[out++] = from[start + i * stride];
    let axis = last - 1;
    for (; axis >= 0 && ++index[axis] === shape[axis]; axis--) {
      index[axis] = 0;
      start -= (shape[axis] - 1) * strides[axis];
    }
    if (axis < 0) return;
    start += strides[axis];
    if (sinceTurn >= VALUES_PER_TURN) {
      sinceTurn = 0;
      await letOthersRun(undefined, signal ? { signal } : {});
    }
  }
}
