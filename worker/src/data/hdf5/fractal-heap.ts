/**
 * Fractal heaps, which hold the links of large groups: blocks whose sizes double from row to row of a table.
 * In: the heap's address. Out: its objects by their ids. Only what groups of a bag's file need: managed objects, in
 * the root block or in blocks that it points at itself.
 * Format: "HDF5 File Format Specification", III.G.
 */
import { expectChecksum } from './checksum.js';
import type { Fields } from './fields.js';
import { hdf5Unread } from './hdf5-errors.js';
import type { Metadata } from './metadata.js';

export interface FractalHeap {
  object(id: Fields): Promise<Fields>;
}

interface Table {
  /** Blocks per row. */
  readonly width: number;
  /** Bytes of the blocks of the first two rows; from there on they double. */
  readonly least: number;
  readonly largest: number;
  /** Of a place in the heap, and of an object's length, in ids. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly root: number;
  /** Of the root block; 0 where it is a block of data itself. */
  readonly rows: number;
}

const WHAT = 'the heap of links of a group';

export async function openHeap(metadata: Metadata, address: number): Promise<FractalHeap> {
  const table = await readTable(metadata, address);
  const blocks = table.rows === 0 ? [table.root] : await readRoot(metadata, table);
  return { object: (id) => readObject(metadata, table, blocks, id) };
}

async function readTable(metadata: Metadata, address: number): Promise<Table> {
  const { addressBytes, lengthBytes } = metadata.sizes;
  const bytes = 22 + 12 * lengthBytes + 3 * addressBytes + 4;
  const head = await metadata.fields(address, bytes, WHAT);
  head.expect('FRHP');
  head.expectByte(0, 'version');
  head.skip(2); // length of ids
  if (head.u16() !== 0) throw hdf5Unread(metadata.file, `${WHAT} is packed by filters`);
  head.skip(1);
  const longest = head.u32();
  head.skip(10 * lengthBytes + 2 * addressBytes); // huge objects, free space, statistics
  const [width, least, largest, bits] = [head.u16(), head.length(), head.length(), head.u16()];
  head.skip(2);
  const [root, rows] = [head.addressOfSome(), head.u16()];
  expectChecksum(head);
  if (width < 1 || least < 1 || bits > 64) throw head.wrong('has sizes that cannot be');
  const offsetBytes = Math.ceil(bits / 8);
  return {
    width,
    least,
    largest,
    offsetBytes,
    lengthBytes: bytesFor(Math.min(longest, largest)),
    root,
    rows,
  };
}

/** Addresses of the blocks that the root points at, row by row. */
async function readRoot(metadata: Metadata, table: Table): Promise<readonly (number | null)[]> {
  const { width, rows, root, offsetBytes, least, largest } = table;
  if (rows > Math.log2(largest) - Math.log2(least) + 2)
    throw hdf5Unread(metadata.file, `${WHAT} is larger than any bag's`);
  const { addressBytes } = metadata.sizes;
  const headBytes = 5 + addressBytes + offsetBytes;
  const block = await metadata.fields(root, headBytes + rows * width * addressBytes + 4, WHAT);
  block.expect('FHIB');
  block.expectByte(0, 'version');
  block.at = headBytes;
  const blocks = Array.from({ length: rows * width }, () => block.address());
  expectChecksum(block);
  return blocks;
}

async function readObject(
  metadata: Metadata,
  table: Table,
  blocks: readonly (number | null)[],
  id: Fields,
): Promise<Fields> {
  if (id.u8() !== 0) throw hdf5Unread(metadata.file, `${WHAT} holds objects of an unusual kind`);
  const offset = id.uint(table.offsetBytes);
  const length = id.uint(table.lengthBytes);
  const { index, start, bytes } = blockOf(offset, table);
  const block = blocks[index] ?? null;
  if (block === null || offset - start + length > bytes) throw id.wrong('points at a link that is not there');
  return metadata.fields(block + offset - start, length, 'a link of a group');
}

/** In which block of the table a place in the heap lies. */
function blockOf(offset: number, { width, least }: Table): { index: number; start: number; bytes: number } {
  const rowOfBlocks = Math.floor(offset / (width * least));
  const row = rowOfBlocks === 0 ? 0 : Math.floor(Math.log2(rowOfBlocks)) + 1;
  const bytes = row === 0 ? least : least * 2 ** (row - 1);
  const rowStart = row === 0 ? 0 : width * bytes;
  const column = Math.floor((offset - rowStart) / bytes);
  return { index: row * width + column, start: rowStart + column * bytes, bytes };
}

function bytesFor(most: number): number {
  return Math.floor(Math.log2(Math.max(1, most)) / 8) + 1;
}
