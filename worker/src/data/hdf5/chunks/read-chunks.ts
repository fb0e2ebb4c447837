/**
 * The values of a dataset in chunks, read in few large ranges.
 * In: the dataset's grid, layout and filters. Out: its values, row-major, as they are stored.
 */
import type { BagFile } from '../../bag-file.js';
import { countOf } from '../../formats/stored-array.js';
import type { Unpacker } from '../filters/unpack-chunk.js';
import { hdf5Wrong } from '../hdf5-errors.js';
import type { ChunkedLayout } from '../layout-message.js';
import type { Metadata } from '../metadata.js';
import { Turns } from '../turns.js';
import { type ChunkGrid, isAtEdge } from './chunk-grid.js';
import { listChunks } from './list-chunks.js';
import { placeValues } from './place-values.js';
import type { StoredChunk } from './stored-chunk.js';

export interface ChunkedDataset {
  readonly name: string;
  readonly grid: ChunkGrid;
  readonly layout: ChunkedLayout;
  readonly unpacker: Unpacker;
}

interface Batch {
  readonly start: number;
  readonly end: number;
  readonly chunks: readonly StoredChunk[];
}

/** Ranges that are further apart are read by a request each. */
const WIDEST_GAP = 65_536;
const LONGEST_BATCH = 8 * 2 ** 20;
/** Nodes of chunk indexes lie among the values, which are wanted as well. */
const INDEX_AHEAD = 4 * 2 ** 20;
/** As many as Node has threads for zlib. */
const AT_ONCE = 4;
const LEFT_OUT = 0xffffffff;

export async function readChunks(
  metadata: Metadata,
  { name, grid, layout, unpacker }: ChunkedDataset,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { source, file } = metadata;
  const turns = new Turns(signal);
  const chunks = await listChunks(metadata.ahead(INDEX_AHEAD), layout, grid, turns);
  const bytes = countOf(grid.shape) * grid.valueBytes;
  refuseBombs(chunks, bytes, grid, unpacker, name, file);
  const out = new Uint8Array(bytes); // row-major, as the dataset's shape
  for (const { start, end, chunks: batch } of batchesOf(chunks)) {
    const stored = await source.read(start, end - start);
    for (let first = 0; first < batch.length; first += AT_ONCE)
      await Promise.all(
        batch.slice(first, first + AT_ONCE).map(async ({ place, address, bytes: length, mask }) => {
          const plain = layout.plainEdges && isAtEdge(grid, place);
          const packed = stored.subarray(address - start, address - start + length);
          const values = await unpacker.unpack(packed, plain ? LEFT_OUT : mask, turns);
          await placeValues(out, values, grid, place, turns);
        }),
      );
  }
  return out;
}

function refuseBombs(
  chunks: readonly StoredChunk[],
  bytes: number,
  { chunkBytes }: ChunkGrid,
  { mostPerByte }: Unpacker,
  name: string,
  file: BagFile,
): void {
  const stored = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  if (bytes > stored * mostPerByte)
    throw hdf5Wrong(file, `its ${name} claims ${bytes} bytes from ${stored}, which cannot be`);
  const odd = chunks.find((chunk) => chunkBytes > chunk.bytes * mostPerByte);
  if (odd)
    throw hdf5Wrong(
      file,
      `a chunk of its ${name} claims ${chunkBytes} bytes from ${odd.bytes}, which cannot be`,
    );
}

/** Neighbours together. */
function* batchesOf(chunks: readonly StoredChunk[]): Generator<Batch> {
  for (let first = 0; first < chunks.length; ) {
    const start = chunks[first].address;
    let next = first + 1;
    let end = start + chunks[first].bytes;
    for (; next < chunks.length; next++) {
      const { address, bytes } = chunks[next];
      if (address - end > WIDEST_GAP || address + bytes - start > LONGEST_BATCH) break;
      end = address + bytes;
    }
    yield { start, end, chunks: chunks.slice(first, next) };
    first = next;
  }
}
