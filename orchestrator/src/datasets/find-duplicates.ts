/**
 * Bags with the same content, found without reading the dataset.
 * In: a store and the bags that are in it. Out: groups of bags whose bytes are equal.
 * Only bags of equal size can be equal; of these a piece from the middle is compared, and only where the
 * pieces agree, everything.
 */
import { createHash } from 'node:crypto';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from './each-concurrently.js';
import { groupsBy } from './groups-by.js';

const PIECE_BYTES = 4096;

export async function findDuplicates(
  store: ObjectStore,
  bags: readonly BagEntry[],
  progress: Progress,
): Promise<BagEntry[][]> {
  const middle = ({ bytes }: BagEntry) => ({
    start: Math.floor(Math.max(0, bytes - PIECE_BYTES) / 2),
    length: PIECE_BYTES,
  });
  const piece = (bag: BagEntry) => digestOf(store, bag.key, middle(bag));
  const whole = (bag: BagEntry) => digestOf(store, bag.key, { start: 0, length: bag.bytes });
  const sameSize = groupsBy(bags, (bag) => String(bag.bytes));
  const samePiece = await sameDigest(sameSize, piece, { label: 'comparing bags', progress });
  return sameDigest(samePiece, whole, { label: 'comparing equal bags', progress });
}

/** Splits groups into those whose members have the same digest. */
async function sameDigest(
  groups: readonly BagEntry[][],
  digest: (bag: BagEntry) => Promise<string>,
  told: { readonly label: string; readonly progress: Progress },
): Promise<BagEntry[][]> {
  const bags = groups.flat();
  const digests = await eachConcurrently(bags, digest, told);
  const byBag = new Map(bags.map((bag, index) => [bag, digests[index]]));
  return groups.flatMap((group) => groupsBy(group, (bag) => byBag.get(bag) ?? ''));
}

async function digestOf(
  store: ObjectStore,
  key: string,
  range: { start: number; length: number },
): Promise<string> {
  const { bytes } = await store.get(key, { range });
  return createHash('sha256').update(bytes).digest('hex');
}
