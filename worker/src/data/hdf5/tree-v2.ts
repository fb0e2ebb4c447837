/**
 * B-trees of version 2: of chunks, and of names.
 * In: the tree's address. Out: its records, each node read once at most.
 * Format and the widths of counts: "HDF5 File Format Specification", III.A.2.
 */
import { expectChecksum } from './checksum.js';
import type { Fields } from './fields.js';
import type { Metadata } from './metadata.js';

export interface Tree {
  /** What the records are. */
  readonly type: number;
  readonly recordBytes: number;
  /** Those of a node together. */
  readonly records: AsyncGenerator<readonly Fields[]>;
}

interface Shape {
  /** For messages. */
  readonly what: string;
  readonly type: number;
  readonly nodeBytes: number;
  readonly recordBytes: number;
  /** Of the count of a child's own records. */
  readonly countBytes: number;
  /** Per level of a child: of the count of all records below it. */
  readonly totalBytes: readonly number[];
}

interface Node {
  readonly address: number;
  readonly level: number;
  readonly records: number;
}

const DEEPEST = 16;
/** Signature, version, type, checksum. */
const OVERHEAD = 10;

export async function openTree(metadata: Metadata, address: number, what: string): Promise<Tree> {
  const { addressBytes, lengthBytes } = metadata.sizes;
  const fields = await metadata.fields(address, 16 + addressBytes + 2 + lengthBytes + 4, what);
  fields.expect('BTHD');
  fields.expectByte(0, 'version');
  const type = fields.u8();
  const [nodeBytes, recordBytes, level] = [fields.u32(), fields.u16(), fields.u16()];
  fields.skip(2); // when nodes are split and merged
  const [root, records] = [fields.address(), fields.u16()];
  fields.skip(lengthBytes);
  expectChecksum(fields);
  if (level > DEEPEST || recordBytes === 0 || nodeBytes < OVERHEAD + recordBytes)
    throw fields.wrong(`has nodes of ${nodeBytes} bytes on ${level} levels, which cannot be`);
  const shape = {
    what,
    type,
    nodeBytes,
    recordBytes,
    ...countsOf(nodeBytes, recordBytes, level, addressBytes),
  };
  const below =
    root === null ? nothing() : recordsBelow(metadata, shape, { address: root, level, records }, new Set());
  return { type, recordBytes, records: below };
}

async function* nothing(): AsyncGenerator<readonly Fields[]> {
  // a tree without a root
}

/** A count takes as many bytes as the largest that is possible on its level. */
function countsOf(nodeBytes: number, recordBytes: number, levels: number, addressBytes: number) {
  const inLeaf = Math.floor((nodeBytes - OVERHEAD) / recordBytes);
  const countBytes = bytesFor(inLeaf);
  const totalBytes = [0];
  let total = inLeaf;
  for (let level = 1; level <= levels; level++) {
    const pointer = addressBytes + countBytes + totalBytes[level - 1];
    const inNode = Math.floor((nodeBytes - OVERHEAD - pointer) / (recordBytes + pointer));
    total = (inNode + 1) * total + inNode;
    totalBytes.push(bytesFor(total));
  }
  return { countBytes, totalBytes };
}

function bytesFor(most: number): number {
  return Math.min(8, Math.floor(Math.log2(Math.max(1, most)) / 8) + 1);
}

async function* recordsBelow(
  metadata: Metadata,
  shape: Shape,
  { address, level, records }: Node,
  seen: Set<number>,
): AsyncGenerator<readonly Fields[]> {
  const node = await metadata.fields(address, shape.nodeBytes, shape.what);
  if (seen.has(address)) throw node.wrong('comes back to where it has been');
  seen.add(address);
  node.expect(level === 0 ? 'BTLF' : 'BTIN');
  node.expectByte(0, 'version');
  node.expectByte(shape.type, 'node type');
  const own = Array.from({ length: records }, () => node.part(shape.recordBytes, shape.what));
  const children = level === 0 ? [] : childrenOf(node, level, records, shape);
  expectChecksum(node); // follows the last record or child; what is left of the node is not in it
  yield own;
  for (const child of children) yield* recordsBelow(metadata, shape, child, seen);
}

function childrenOf(node: Fields, level: number, records: number, { countBytes, totalBytes }: Shape): Node[] {
  return Array.from({ length: records + 1 }, () => {
    const address = node.addressOfSome();
    const count = node.uint(countBytes);
    node.skip(totalBytes[level - 1]);
    return { address, level: level - 1, records: count };
  });
}
