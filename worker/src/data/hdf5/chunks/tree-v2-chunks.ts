/**
 * The chunks of a dataset that can grow along several axes, in a B-tree of version 2.
 */
import type { Metadata } from '../metadata.js';
import { openTree } from '../tree-v2.js';
import type { ChunkGrid } from './chunk-grid.js';
import { readStored, type StoredChunk } from './stored-chunk.js';

const [PLAIN, FILTERED] = [10, 11];

export async function* treeV2Chunks(
  metadata: Metadata,
  address: number,
  { chunk, chunkBytes }: ChunkGrid,
): AsyncGenerator<readonly StoredChunk[]> {
  const { type, recordBytes, records } = await openTree(metadata, address, 'the B-tree of its chunks');
  const entryBytes = recordBytes - 8 * chunk.length;
  for await (const list of records)
    yield list.flatMap((record) => {
      if (type !== PLAIN && type !== FILTERED)
        throw record.wrong(`has records of type ${type}, not of chunks`);
      const stored = readStored(record, type === FILTERED, entryBytes, chunkBytes);
      const place = chunk.map(() => record.uint(8));
      return stored ? [{ place, ...stored }] : [];
    });
}
