/**
 * The grid of chunks that a dataset is cut into: all index arithmetic of chunks.
 */
import { countOf } from '../../formats/stored-array.js';
import type { Dataspace } from '../dataspace.js';
import type { ChunkedLayout } from '../layout-message.js';

export interface ChunkGrid extends Dataspace {
  /** In values, per axis; also of the chunks at the edge, which are stored whole. */
  readonly chunk: readonly number[];
  readonly valueBytes: number;
  /** Of one chunk, unpacked. */
  readonly chunkBytes: number;
  /** Chunks per axis. */
  readonly counts: readonly number[];
  /** Chunks in all. */
  readonly total: number;
}

/** The shape has as many axes as the chunks. */
export function gridOf({ shape, most }: Dataspace, { chunk, valueBytes }: ChunkedLayout): ChunkGrid {
  const counts = shape.map((size, axis) => Math.ceil(size / chunk[axis]));
  const chunkBytes = countOf(chunk) * valueBytes;
  return { shape, most, chunk, valueBytes, chunkBytes, counts, total: countOf(counts) };
}

export function isWithin({ counts }: ChunkGrid, place: readonly number[]): boolean {
  return place.every((at, axis) => at < counts[axis]);
}

/** Number of a chunk in the dataset's extent, row-major. */
export function positionOf({ counts }: ChunkGrid, place: readonly number[]): number {
  return place.reduce((position, at, axis) => position * counts[axis] + at, 0);
}

/** Whether a chunk reaches beyond the dataset. */
export function isAtEdge({ shape, chunk }: ChunkGrid, place: readonly number[]): boolean {
  return place.some((at, axis) => (at + 1) * chunk[axis] > shape[axis]);
}

/**
 * From a number in an index by arrays to the chunk's place, per axis. These number all chunks that there may ever be,
 * row-major; an axis without limit counts slowest, wherever it stands.
 */
export function placeByNumber({ most, chunk }: ChunkGrid): (number: number) => number[] {
  const axes = most
    .map((_, axis) => axis)
    .sort((a, b) => Number(most[b] === Infinity) - Number(most[a] === Infinity) || a - b);
  const counts = most.map((size, axis) => Math.ceil(size / chunk[axis]));
  return (number) => {
    const place = most.map(() => 0);
    let rest = number;
    for (const axis of axes.slice(1).reverse()) {
      place[axis] = rest % counts[axis];
      rest = Math.floor(rest / counts[axis]);
    }
    place[axes[0]] = rest;
    return place;
  };
}
