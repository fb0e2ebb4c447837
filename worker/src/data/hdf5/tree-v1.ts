/**
 * B-trees of version 1: of groups and of chunks.
 * In: the root's address. Out: its leaves in order, each node read once at most.
 */
import type { Fields } from './fields.js';
import type { Metadata } from './metadata.js';

export interface TreeKind {
  /** 0: group, 1: chunks. */
  readonly type: number;
  readonly keyBytes: number;
  /** For messages. */
  readonly what: string;
}

export interface TreeLeaf {
  /** The key before each child. */
  readonly keys: readonly Fields[];
  readonly children: readonly number[];
}

/** Nodes have up to 64 children and more: six levels hold more than any file. */
const DEEPEST = 16;

export function leavesOf(metadata: Metadata, root: number, kind: TreeKind): AsyncGenerator<TreeLeaf> {
  return leavesBelow(metadata, root, kind, null, new Set());
}

/** `level` of the node: null where it may be any. */
async function* leavesBelow(
  metadata: Metadata,
  address: number,
  kind: TreeKind,
  level: number | null,
  seen: Set<number>,
): AsyncGenerator<TreeLeaf> {
  const node = await readNode(metadata, address, kind);
  if (seen.has(address)) throw node.entries.wrong('comes back to where it has been');
  seen.add(address);
  const known = level === null ? node.level <= DEEPEST : node.level === level;
  if (!known) throw node.entries.wrong(`has level ${node.level} where that cannot be`);
  const entries = Array.from({ length: node.count }, () => ({
    key: node.entries.part(kind.keyBytes, kind.what),
    child: node.entries.addressOfSome(),
  }));
  const children = entries.map(({ child }) => child);
  if (node.level === 0) yield { keys: entries.map(({ key }) => key), children };
  else for (const child of children) yield* leavesBelow(metadata, child, kind, node.level - 1, seen);
}

async function readNode(metadata: Metadata, address: number, { type, keyBytes, what }: TreeKind) {
  const { addressBytes } = metadata.sizes;
  const headBytes = 8 + 2 * addressBytes;
  const head = await metadata.fields(address, headBytes, what);
  head.expect('TREE');
  head.expectByte(type, 'node type');
  const [level, count] = [head.u8(), head.u16()];
  const entries = await metadata.fields(address + headBytes, count * (keyBytes + addressBytes), what);
  return { level, count, entries };
}
