/**
 * The chunks of a dataset that cannot grow, in a fixed array: one entry after the other, in pages where there are many.
 */
import { expectChecksum } from '../checksum.js';
import type { Fields } from '../fields.js';
import type { Metadata } from '../metadata.js';
import { type ChunkGrid, placeByNumber } from './chunk-grid.js';
import { type StoredChunk, storedChunks } from './stored-chunk.js';

const WHAT = 'the array of its chunks';
const MOST_PAGES = 2 ** 20;

interface Header {
  readonly filtered: boolean;
  readonly entryBytes: number;
  readonly perPage: number;
  readonly count: number;
  readonly block: number;
}

export async function* fixedArrayChunks(
  metadata: Metadata,
  address: number,
  grid: ChunkGrid,
): AsyncGenerator<readonly StoredChunk[]> {
  const header = await readHeader(metadata, address);
  const placeOf = placeByNumber(grid);
  for await (const { first, count, entries } of pagesOf(metadata, header))
    yield storedChunks(entries, first, count, header, grid, placeOf);
}

async function readHeader(metadata: Metadata, address: number): Promise<Header> {
  const { addressBytes, lengthBytes } = metadata.sizes;
  const fields = await metadata.fields(address, 8 + lengthBytes + addressBytes + 4, WHAT);
  fields.expect('FAHD');
  fields.expectByte(0, 'version');
  const header = {
    filtered: fields.u8() === 1,
    entryBytes: fields.u8(),
    perPage: 2 ** fields.u8(),
    count: fields.length(),
    block: fields.addressOfSome(),
  };
  expectChecksum(fields);
  if (header.count / header.perPage > MOST_PAGES) throw fields.wrong(`has ${header.count} entries`);
  return header;
}

async function* pagesOf(metadata: Metadata, { perPage, count, block, entryBytes }: Header) {
  const headBytes = 6 + metadata.sizes.addressBytes;
  const pages = count > perPage ? Math.ceil(count / perPage) : 0;
  const bodyBytes = pages === 0 ? count * entryBytes : Math.ceil(pages / 8);
  const body = await metadata.fields(block, headBytes + bodyBytes + 4, WHAT);
  checkBlock(body, headBytes, bodyBytes);
  if (pages === 0) yield { first: 0, count, entries: body.part(bodyBytes, WHAT) };
  const written = body.bytes.subarray(headBytes);
  for (let page = 0; page < pages; page++) {
    if (!isSet(written, page)) continue;
    const first = page * perPage;
    const entries = Math.min(perPage, count - first);
    const start = block + headBytes + bodyBytes + 4 + page * (perPage * entryBytes + 4);
    yield { first, count: entries, entries: await readPage(metadata, start, entries * entryBytes) };
  }
}

/** Leaves the fields at the block's body. */
function checkBlock(block: Fields, headBytes: number, bodyBytes: number): void {
  block.expect('FADB');
  block.expectByte(0, 'version');
  block.at = headBytes + bodyBytes;
  expectChecksum(block);
  block.at = headBytes;
}

/** Entries and their checksum. */
export async function readPage(metadata: Metadata, address: number, bytes: number): Promise<Fields> {
  const page = await metadata.fields(address, bytes + 4, WHAT);
  page.at = bytes;
  expectChecksum(page);
  page.at = 0;
  return page;
}

/** Bits of a byte count from its highest. */
export function isSet(bits: Uint8Array, index: number): boolean {
  return (bits[index >> 3] & (0x80 >> (index & 7))) !== 0;
}
