/**
 * The links of a group that keeps them in a heap, as HDF5's newer form does from nine links on.
 * In: where the heap and the B-tree of names lie. Out: the hard links.
 */
import type { Fields } from './fields.js';
import { openHeap } from './fractal-heap.js';
import { readLink } from './link-message.js';
import { type Link, MOST_LINKS, tooManyLinks } from './links.js';
import type { Metadata } from './metadata.js';
import { openTree } from './tree-v2.js';

const NAMES = 5;
const HASH_BYTES = 4;

export async function readDenseLinks(
  metadata: Metadata,
  { heap: heapAt, names: namesAt }: { readonly heap: number; readonly names: number },
): Promise<readonly Link[]> {
  const heap = await openHeap(metadata, heapAt);
  const { type, recordBytes, records } = await openTree(metadata, namesAt, 'the B-tree of names in a group');
  const links: Link[] = [];
  let listed = 0;
  for await (const record of oneByOne(records)) {
    if (type !== NAMES) throw record.wrong(`has records of type ${type}, not of names`);
    if (listed++ >= MOST_LINKS) throw tooManyLinks(metadata.file);
    record.skip(HASH_BYTES);
    const link = readLink(await heap.object(record.part(recordBytes - HASH_BYTES, record.what)));
    if (link) links.push(link);
  }
  return links;
}

async function* oneByOne(lists: AsyncIterable<readonly Fields[]>): AsyncGenerator<Fields> {
  for await (const list of lists) yield* list;
}
