/**
 * Copies values to where they belong, in runs as long as can be: chunks of one row each, as CLAM and TRIDENT write
 * them, mostly follow each other in the file as in the dataset.
 */
import { BYTES_PER_TURN, type Turns } from '../turns.js';
import type { ChunkGrid } from './chunk-grid.js';
import type { StoredChunk } from './stored-chunk.js';

/** Bytes of the file from `start` on. */
export interface FileRange {
  readonly start: number;
  readonly stored: Uint8Array;
}

/** What a run costs beside its bytes. */
const RUN_COST = 256;

/** Whether each chunk is one piece of the dataset: all axes but the first are whole in it. */
export function hasWholeRows({ shape, chunk }: ChunkGrid): boolean {
  return shape.every((size, axis) => axis === 0 || size === chunk[axis]);
}

/** For chunks of whole rows that went through no filter, in the order of the file. */
export async function copyRuns(
  out: Uint8Array,
  chunks: readonly StoredChunk[],
  { start, stored }: FileRange,
  { chunkBytes }: ChunkGrid,
  turns: Turns,
): Promise<void> {
  for (let first = 0; first < chunks.length; ) {
    const { address, place } = chunks[first];
    let next = first + 1;
    while (next < chunks.length && follows(chunks[next], chunks[next - 1], chunkBytes)) next++;
    const to = place[0] * chunkBytes;
    const bytes = Math.min((next - first) * chunkBytes, out.length - to); // the last chunk may reach beyond
    await copyRun(out, to, stored.subarray(address - start, address - start + bytes), turns);
    first = next;
  }
}

function follows(chunk: StoredChunk, before: StoredChunk, chunkBytes: number): boolean {
  return chunk.address === before.address + chunkBytes && chunk.place[0] === before.place[0] + 1;
}

export async function copyRun(out: Uint8Array, to: number, run: Uint8Array, turns: Turns): Promise<void> {
  for (let at = 0; at < run.length; at += BYTES_PER_TURN) {
    const piece = run.subarray(at, at + BYTES_PER_TURN);
    out.set(piece, to + at);
    await turns.spend(piece.length + RUN_COST);
  }
}
