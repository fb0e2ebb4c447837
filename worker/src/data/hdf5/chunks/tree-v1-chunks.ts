/**
 * The chunks of a dataset in a B-tree of version 1, as HDF5 writes them by default.
 */
import type { Fields } from '../fields.js';
import type { Metadata } from '../metadata.js';
import { leavesOf } from '../tree-v1.js';
import type { ChunkGrid } from './chunk-grid.js';
import type { StoredChunk } from './stored-chunk.js';

export async function* treeV1Chunks(
  metadata: Metadata,
  address: number,
  { chunk }: ChunkGrid,
): AsyncGenerator<readonly StoredChunk[]> {
  const keyBytes = 8 + 8 * (chunk.length + 1);
  const kind = { type: 1, keyBytes, what: 'the B-tree of its chunks' };
  for await (const { keys, children } of leavesOf(metadata, address, kind))
    yield keys.map((key, i) => chunkAt(key, children[i], chunk));
}

function chunkAt(key: Fields, address: number, chunk: readonly number[]): StoredChunk {
  const [bytes, mask] = [key.u32(), key.u32()];
  const place = chunk.map((size) => key.uint(8) / size);
  if (!place.every(Number.isSafeInteger)) throw key.wrong('has a chunk that begins within another');
  return { place, address, bytes, mask };
}
