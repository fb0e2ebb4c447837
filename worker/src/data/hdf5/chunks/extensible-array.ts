/**
 * The chunks of a dataset that can grow along one axis, in an extensible array: the first entries stand in its index
 * block, the next in data blocks that the index block points at, the others in data blocks of secondary blocks.
 * The sizes of blocks grow as "HDF5 File Format Specification", VII.D, says.
 */
import { expectChecksum } from '../checksum.js';
import type { Fields } from '../fields.js';
import type { Metadata } from '../metadata.js';
import { type ChunkGrid, placeByNumber } from './chunk-grid.js';
import { isSet, readPage } from './fixed-array.js';
import { type StoredChunk, storedChunks } from './stored-chunk.js';

const WHAT = 'the growing array of its chunks';

interface Header {
  readonly filtered: boolean;
  readonly entryBytes: number;
  /** Of a place in the array, in the blocks' headers. */
  readonly offsetBytes: number;
  readonly inIndex: number;
  readonly perPage: number;
  /** Groups of data blocks of one size, in order. */
  readonly groups: readonly Group[];
  /** How many of them the index block points at itself. */
  readonly directGroups: number;
  readonly block: number;
}

interface Group {
  readonly blocks: number;
  /** Entries of each of its data blocks. */
  readonly entries: number;
}

interface Run {
  readonly first: number;
  readonly count: number;
  readonly entries: Fields;
}

export async function* extensibleArrayChunks(
  metadata: Metadata,
  address: number,
  grid: ChunkGrid,
): AsyncGenerator<readonly StoredChunk[]> {
  const header = await readHeader(metadata, address);
  const placeOf = placeByNumber(grid);
  for await (const { first, count, entries } of runsOf(metadata, header))
    yield storedChunks(entries, first, count, header, grid, placeOf);
}

async function readHeader(metadata: Metadata, address: number): Promise<Header> {
  const { addressBytes, lengthBytes } = metadata.sizes;
  const fields = await metadata.fields(address, 12 + 6 * lengthBytes + addressBytes + 4, WHAT);
  fields.expect('EAHD');
  fields.expectByte(0, 'version');
  const [filtered, entryBytes, bits, inIndex, least, pointers, pageBits] = Array.from({ length: 7 }, () =>
    fields.u8(),
  );
  fields.skip(6 * lengthBytes); // statistics
  const block = fields.addressOfSome();
  expectChecksum(fields);
  if (bits > 64 || least < 1 || pointers < 1) throw fields.wrong('has sizes that cannot be');
  return {
    filtered: filtered === 1,
    entryBytes,
    offsetBytes: Math.ceil(bits / 8),
    inIndex,
    perPage: 2 ** pageBits,
    groups: groupsOf(bits, least),
    directGroups: 2 * Math.log2(pointers),
    block,
  };
}

function groupsOf(bits: number, least: number): Group[] {
  return Array.from({ length: Math.max(0, 1 + bits - Math.floor(Math.log2(least))) }, (_, group) => ({
    blocks: 2 ** Math.floor(group / 2),
    entries: 2 ** Math.floor((group + 1) / 2) * least,
  }));
}

/** All entries, those of blocks that were never written left out. */
async function* runsOf(metadata: Metadata, header: Header): AsyncGenerator<Run> {
  const { inIndex, entryBytes, groups, directGroups } = header;
  const { addressBytes } = metadata.sizes;
  const direct = groups.slice(0, directGroups);
  const others = groups.slice(directGroups);
  const pointers = direct.reduce((sum, { blocks }) => sum + blocks, 0) + others.length;
  const bodyBytes = inIndex * entryBytes + pointers * addressBytes;
  const index = await readBlock(metadata, header.block, 'EAIB', 0, bodyBytes);
  yield { first: 0, count: inIndex, entries: index.part(inIndex * entryBytes, WHAT) };
  let first = inIndex;
  for (const group of direct) {
    for (let i = 0; i < group.blocks; i++) {
      const address = index.address();
      if (address !== null) yield* dataBlock(metadata, header, address, first, group, () => true);
      first += group.entries;
    }
  }
  for (const group of others) {
    const address = index.address();
    if (address !== null) yield* secondaryBlock(metadata, header, address, first, group);
    first += group.entries * group.blocks;
  }
}

async function* secondaryBlock(
  metadata: Metadata,
  header: Header,
  address: number,
  start: number,
  group: Group,
): AsyncGenerator<Run> {
  const pages = pagesOf(group, header);
  const bitmapBytes = Math.ceil(pages / 8);
  const bodyBytes = group.blocks * (bitmapBytes + metadata.sizes.addressBytes);
  const block = await readBlock(metadata, address, 'EASB', header.offsetBytes, bodyBytes);
  const written = block.take(group.blocks * bitmapBytes);
  for (let i = 0; i < group.blocks; i++) {
    const data = block.address();
    const isWritten = (page: number) => isSet(written, i * pages + page); // bits of all blocks in a row
    if (data !== null) yield* dataBlock(metadata, header, data, start + i * group.entries, group, isWritten);
  }
}

/** `isWritten`: which pages were, where the block has pages. */
async function* dataBlock(
  metadata: Metadata,
  header: Header,
  address: number,
  first: number,
  group: Group,
  isWritten: (page: number) => boolean,
): AsyncGenerator<Run> {
  const { offsetBytes, entryBytes, perPage } = header;
  const pages = pagesOf(group, header);
  const bodyBytes = pages === 0 ? group.entries * entryBytes : 0;
  const block = await readBlock(metadata, address, 'EADB', offsetBytes, bodyBytes);
  if (pages === 0) yield { first, count: group.entries, entries: block };
  const pageBytes = perPage * entryBytes;
  for (let page = 0; page < pages; page++) {
    if (!isWritten(page)) continue;
    const start = address + block.bytes.length + page * (pageBytes + 4);
    yield {
      first: first + page * perPage,
      count: perPage,
      entries: await readPage(metadata, start, pageBytes),
    };
  }
}

/** 0 where a data block is not cut into pages. */
function pagesOf({ entries }: Group, { perPage }: Header): number {
  return entries > perPage ? entries / perPage : 0;
}

/** A block, its head and its checksum checked; the fields stand at its body. */
async function readBlock(
  metadata: Metadata,
  address: number,
  signature: string,
  offsetBytes: number,
  bodyBytes: number,
): Promise<Fields> {
  const headBytes = 6 + metadata.sizes.addressBytes + offsetBytes;
  const block = await metadata.fields(address, headBytes + bodyBytes + 4, WHAT);
  block.expect(signature);
  block.expectByte(0, 'version');
  block.at = headBytes + bodyBytes;
  expectChecksum(block);
  block.at = headBytes;
  return block;
}
