/**
 * The values of a dataset in chunks, read in few large ranges.
 * In: the dataset's grid, layout and filters. Out: its values, row-major, as they are stored.
 */
import type { BagFile } from '../../bag-file.js';
import type { ByteSource } from '../../formats/bag-format.js';
import { countOf } from '../../formats/stored-array.js';
import type { Unpacker } from '../filters/unpack-chunk.js';
import { hdf5Wrong } from '../hdf5-errors.js';
import type { ChunkedLayout } from '../layout-message.js';
import type { Metadata } from '../metadata.js';
import { Turns } from '../turns.js';
import { type ChunkGrid, isAtEdge } from './chunk-grid.js';
import { copyRuns, type FileRange, hasWholeRows } from './copy-runs.js';
import { listChunks } from './list-chunks.js';
import { type PlaceValues, placerOf } from './place-values.js';
import type { StoredChunk } from './stored-chunk.js';

export interface ChunkedDataset {
  readonly name: string;
  readonly grid: ChunkGrid;
  readonly layout: ChunkedLayout;
  readonly unpacker: Unpacker;
}

/** Ranges that are further apart are read by a request each. */
const WIDEST_GAP = 65_536;
const LONGEST_BATCH = 8 * 2 ** 20;
/** Nodes of chunk indexes lie among the values, which are wanted as well. */
const INDEX_AHEAD = 4 * 2 ** 20;
/** As many as Node has threads for zlib. */
const AT_ONCE = 4;
/** What unpacking a chunk costs beside its bytes. */
const CHUNK_COST = 16_384;
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
  const unpackAt = async (
    { place, address, bytes: length, mask }: StoredChunk,
    { start, stored }: FileRange,
  ) => {
    const packed = stored.subarray(address - start, address - start + length);
    return unpacker.unpack(packed, layout.plainEdges && isAtEdge(grid, place) ? LEFT_OUT : mask, turns);
  };
  if (chunks.length === 1 && bytes === grid.chunkBytes)
    return unpackAt(chunks[0], await readRange(source, chunks));
  const out = new Uint8Array(new SharedArrayBuffer(bytes)); // row-major, as the dataset's shape
  const put = placerOf(out, grid, turns);
  for (const batch of batchesOf(chunks)) {
    const range = await readRange(source, batch);
    if (unpacker.plain && hasWholeRows(grid)) await copyRuns(out, batch, range, grid, turns);
    else await putAll(batch, (chunk) => unpackAt(chunk, range), put, turns);
  }
  return out;
}

async function putAll(
  batch: readonly StoredChunk[],
  unpack: (chunk: StoredChunk) => Promise<Uint8Array>,
  put: PlaceValues,
  turns: Turns,
): Promise<void> {
  for (let first = 0; first < batch.length; first += AT_ONCE) {
    const some = batch.slice(first, first + AT_ONCE);
    await Promise.all(some.map(async (chunk) => put(await unpack(chunk), chunk.place)));
    await turns.spend(CHUNK_COST * some.length);
  }
}

/** From the first of the chunks to the end of the last. */
async function readRange(source: ByteSource, chunks: readonly StoredChunk[]): Promise<FileRange> {
  const start = chunks[0].address;
  const last = chunks[chunks.length - 1];
  return { start, stored: await source.read(start, last.address + last.bytes - start) };
}

function refuseBombs(
  chunks: readonly StoredChunk[],
  bytes: number,
  { chunkBytes }: ChunkGrid,
  { mostPerByte, plain }: Unpacker,
  name: string,
  file: BagFile,
): void {
  const stored = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  if (bytes > stored * mostPerByte)
    throw hdf5Wrong(file, `its ${name} claims ${bytes} bytes from ${stored}, which cannot be`);
  const isOdd = (chunk: StoredChunk) =>
    plain ? chunk.bytes !== chunkBytes : chunk.bytes * mostPerByte < chunkBytes;
  const odd = chunks.find(isOdd);
  if (odd)
    throw hdf5Wrong(
      file,
      `a chunk of its ${name} claims ${chunkBytes} bytes from ${odd.bytes}, which cannot be`,
    );
}

/** Neighbours together, in the order in which they lie in the file. */
function* batchesOf(chunks: readonly StoredChunk[]): Generator<readonly StoredChunk[]> {
  for (let first = 0; first < chunks.length; ) {
    const start = chunks[first].address;
    let next = first + 1;
    for (let end = start + chunks[first].bytes; next < chunks.length; next++) {
      const { address, bytes } = chunks[next];
      if (address - end > WIDEST_GAP || address + bytes - start > LONGEST_BATCH) break;
      end = address + bytes;
    }
    yield chunks.slice(first, next);
    first = next;
  }
}
