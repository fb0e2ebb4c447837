/**
 * Puts the values of a chunk where they belong in the dataset.
 * In: an unpacked chunk, row-major, and its place. Out: its values within the dataset's extent, copied row by row.
 */
import type { Turns } from '../turns.js';
import type { ChunkGrid } from './chunk-grid.js';

export async function placeValues(
  out: Uint8Array,
  values: Uint8Array,
  { shape, chunk, valueBytes }: ChunkGrid,
  place: readonly number[],
  turns: Turns,
): Promise<void> {
  const inner = firstInnerAxis(shape, chunk); // axes from here on are one run of bytes
  const start = place.map((at, axis) => at * chunk[axis]);
  const rows = shape.map((size, axis) => Math.min(chunk[axis], size - start[axis]));
  const runBytes = rows.slice(inner).reduce((product, size) => product * size, valueBytes);
  const [from, to] = [stridesOf(chunk, valueBytes), stridesOf(shape, valueBytes)];
  const index = shape.map(() => 0);
  for (;;) {
    const [read, write] = [offsetOf(index, from), offsetOf(index, to) + offsetOf(start, to)];
    out.set(values.subarray(read, read + runBytes), write);
    await turns.spend(runBytes + 64);
    let axis = inner - 1;
    while (axis >= 0 && ++index[axis] === rows[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

/** The last axis, and those before it as long as all behind them are whole in each chunk. */
function firstInnerAxis(shape: readonly number[], chunk: readonly number[]): number {
  let axis = shape.length - 1;
  while (axis > 0 && chunk[axis] === shape[axis]) axis--;
  return Math.max(0, axis);
}

function stridesOf(shape: readonly number[], valueBytes: number): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, valueBytes));
}

function offsetOf(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((offset, at, axis) => offset + at * strides[axis], 0);
}
