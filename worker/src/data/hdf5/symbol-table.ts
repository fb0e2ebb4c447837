/**
 * Groups as HDF5 has always kept them: a B-tree (version 1) of symbol nodes, and a heap of names.
 * In: a symbol table message. Out: the group's hard links.
 */
import type { Fields } from './fields.js';
import { type Link, MOST_LINKS, tooManyLinks } from './links.js';
import type { Metadata } from './metadata.js';
import { leavesOf, type TreeLeaf } from './tree-v1.js';

const LONGEST_HEAP = 2 ** 20;
const SOFT_LINK = 2;

export async function readSymbolTable(metadata: Metadata, message: Fields): Promise<readonly Link[]> {
  const tree = message.addressOfSome();
  const names = await readHeap(metadata, message.addressOfSome());
  const { lengthBytes, addressBytes } = metadata.sizes;
  const kind = { type: 0, keyBytes: lengthBytes, what: 'the B-tree of one of its groups' };
  const links: Link[] = [];
  let nodes = 0;
  for await (const child of childrenOf(leavesOf(metadata, tree, kind))) {
    const node = await metadata.fields(child, 8, 'a symbol node');
    node.expect('SNOD');
    node.expectByte(1, 'version');
    node.skip(1);
    const count = node.u16();
    if (nodes++ > MOST_LINKS || links.length + count > MOST_LINKS) throw tooManyLinks(metadata.file);
    const entryBytes = lengthBytes + addressBytes + 24;
    const entries = await metadata.fields(child + 8, count * entryBytes, 'a symbol node');
    for (let i = 0; i < count; i++) links.push(...linkOf(entries, names));
  }
  return links;
}

async function* childrenOf(leaves: AsyncIterable<TreeLeaf>): AsyncGenerator<number> {
  for await (const { children } of leaves) yield* children;
}

async function readHeap(metadata: Metadata, address: number): Promise<Fields> {
  const { lengthBytes, addressBytes } = metadata.sizes;
  const what = 'the heap of names of one of its groups';
  const head = await metadata.fields(address, 8 + 2 * lengthBytes + addressBytes, what);
  head.expect('HEAP');
  head.expectByte(0, 'version');
  head.skip(3);
  const bytes = head.length();
  head.skip(lengthBytes); // free space
  if (bytes > LONGEST_HEAP) throw head.wrong(`has ${bytes} bytes, more than any bag's`);
  return metadata.fields(head.addressOfSome(), bytes, what);
}

/** Soft links lead to no object of their own. */
function linkOf(entries: Fields, names: Fields): Link[] {
  const nameAt = entries.uint(entries.sizes.lengthBytes);
  const address = entries.address();
  const kind = entries.u32();
  entries.skip(4 + 16);
  return kind === SOFT_LINK || address === null ? [] : [{ name: nameIn(names, nameAt), address }];
}

function nameIn(names: Fields, at: number): string {
  const { bytes } = names;
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end < 0) throw names.wrong('has no such name');
  return Buffer.from(bytes.subarray(at, end)).toString('utf8');
}
