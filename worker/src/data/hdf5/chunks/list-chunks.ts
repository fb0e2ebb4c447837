/**
 * All chunks of a dataset, whatever index it has: each once, each within the file, none over another.
 * In: a dataset's grid and layout. Out: its chunks in the order in which they lie in the file.
 */
import { hdf5Unread, hdf5Wrong } from '../hdf5-errors.js';
import type { ChunkedLayout } from '../layout-message.js';
import type { Metadata } from '../metadata.js';
import type { Turns } from '../turns.js';
import { type ChunkGrid, isWithin, placeByNumber, positionOf } from './chunk-grid.js';
import { extensibleArrayChunks } from './extensible-array.js';
import { fixedArrayChunks } from './fixed-array.js';
import type { StoredChunk } from './stored-chunk.js';
import { treeV1Chunks } from './tree-v1-chunks.js';
import { treeV2Chunks } from './tree-v2-chunks.js';

/** A bag of a million instances in chunks of one: more want too much memory for their list. */
const MOST_CHUNKS = 2 ** 20;
/** Also those beyond the extent, where room was made for them. */
const MOST_LISTED = 4 * MOST_CHUNKS;
/** What listing a chunk costs, in bytes of a plain loop. */
const COST = 1024;

/** @throws BagfleetError `bag-format` where chunks are missing: their values were never written */
export async function listChunks(
  metadata: Metadata,
  layout: ChunkedLayout,
  grid: ChunkGrid,
  turns: Turns,
): Promise<readonly StoredChunk[]> {
  const { file } = metadata;
  if (grid.total > MOST_CHUNKS)
    throw hdf5Unread(file, `it is cut into ${grid.total} chunks, more than ${MOST_CHUNKS}`);
  const chunks: StoredChunk[] = [];
  const seen = new Uint8Array(grid.total);
  let listed = 0;
  for await (const list of indexed(metadata, layout, grid)) {
    listed += list.length;
    if (listed > MOST_LISTED) throw hdf5Unread(file, `its list of chunks has more than ${MOST_LISTED}`);
    for (const chunk of list) {
      if (!isWithin(grid, chunk.place)) continue;
      const position = positionOf(grid, chunk.place);
      if (seen[position]++ > 0) throw hdf5Wrong(file, `it has two chunks at (${chunk.place.join(', ')})`);
      chunks.push(chunk);
    }
    await turns.spend(COST * list.length);
  }
  if (chunks.length < grid.total)
    throw hdf5Wrong(file, `${grid.total - chunks.length} of its ${grid.total} chunks were never written`);
  return inOrder(chunks, metadata);
}

function indexed(
  metadata: Metadata,
  { index, address }: ChunkedLayout,
  grid: ChunkGrid,
): AsyncIterable<readonly StoredChunk[]> | Iterable<readonly StoredChunk[]> {
  if (address === null || grid.total === 0) return [];
  switch (index.kind) {
    case 'single': {
      const { bytes, mask } = index.stored ?? { bytes: grid.chunkBytes, mask: 0 };
      return [[{ place: grid.chunk.map(() => 0), address, bytes, mask }]];
    }
    case 'implicit':
      return implicitChunks(metadata, address, grid);
    case 'tree-v1':
      return treeV1Chunks(metadata, address, grid);
    case 'tree-v2':
      return treeV2Chunks(metadata, address, grid);
    case 'fixed-array':
      return fixedArrayChunks(metadata, address, grid);
    case 'extensible-array':
      return extensibleArrayChunks(metadata, address, grid);
  }
}

/** All chunks that there may ever be lie one after the other. */
function* implicitChunks(
  metadata: Metadata,
  address: number,
  grid: ChunkGrid,
): Generator<readonly StoredChunk[]> {
  const { most, chunk, chunkBytes } = grid;
  const count = most.reduce((product, size, axis) => product * Math.ceil(size / chunk[axis]), 1);
  if (!metadata.holds(address, count * chunkBytes))
    throw hdf5Wrong(metadata.file, 'its chunks are said to lie beyond its end');
  const placeOf = placeByNumber(grid);
  for (let i = 0; i < count; i++)
    yield [{ place: placeOf(i), address: address + i * chunkBytes, bytes: chunkBytes, mask: 0 }];
}

function inOrder(chunks: StoredChunk[], metadata: Metadata): readonly StoredChunk[] {
  let end = 0;
  for (const { address, bytes } of chunks.sort((a, b) => a.address - b.address)) {
    if (address < end) throw hdf5Wrong(metadata.file, 'two of its chunks lie over each other');
    if (bytes === 0 || !metadata.holds(address, bytes))
      throw hdf5Wrong(
        metadata.file,
        `one of its chunks has ${bytes} bytes from ${address} on, which cannot be`,
      );
    end = address + bytes;
  }
  return chunks;
}
