/**
 * Puts the values of chunks where they belong in the dataset.
 * In: the dataset's values to be. Out: a function that is given an unpacked chunk, row-major, and its place, and copies
 * those of its values that lie within the dataset's extent.
 */
import type { Turns } from '../turns.js';
import type { ChunkGrid } from './chunk-grid.js';
import { copyRun } from './copy-runs.js';

export type PlaceValues = (values: Uint8Array, place: readonly number[]) => Promise<void>;

export function placerOf(
  out: Uint8Array,
  { shape, chunk, valueBytes }: ChunkGrid,
  turns: Turns,
): PlaceValues {
  const inner = firstInnerAxis(shape, chunk); // axes from here on are one run of bytes
  const [from, to] = [stridesOf(chunk, valueBytes), stridesOf(shape, valueBytes)];
  return async (values, place) => {
    const start = place.map((at, axis) => at * chunk[axis]);
    const rows = shape.map((size, axis) => Math.min(chunk[axis], size - start[axis]));
    const runBytes = rows[inner] * to[inner];
    const begin = offsetOf(start, to);
    for (const index = start.map(() => 0); ; ) {
      const read = offsetOf(index, from);
      await copyRun(out, begin + offsetOf(index, to), values.subarray(read, read + runBytes), turns);
      let axis = inner - 1;
      while (axis >= 0 && ++index[axis] === rows[axis]) index[axis--] = 0;
      if (axis < 0) return;
    }
  };
}

/** The last axis, and those before it as long as all behind them are whole in each chunk. */
function firstInnerAxis(shape: readonly number[], chunk: readonly number[]): number {
  let axis = shape.length - 1;
  while (axis > 0 && chunk[axis] === shape[axis]) axis--;
  return Math.max(0, axis);
}

/** In bytes, per axis. */
function stridesOf(shape: readonly number[], valueBytes: number): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, valueBytes));
}

function offsetOf(index: readonly number[], strides: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < index.length; axis++) offset += index[axis] * strides[axis];
  return offset;
}
