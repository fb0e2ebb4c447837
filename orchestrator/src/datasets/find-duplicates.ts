/**
 * Bags with the same content, found by reading as little of the dataset as may be.
 * In: a store and the bags that are in it. Out: groups of bags whose features are equal, byte for byte.
 * Only bags whose files are of equal sizes can be equal; of these a piece from the middle of each file is compared, and
 * only where the pieces agree, everything.
 */
import { createHash } from 'node:crypto';
import { type BagEntry, type BagPart, partsOf } from '@bagfleet/proto/dataset-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from './each-concurrently.js';
import { groupsBy } from './groups-by.js';

const PIECE_BYTES = 4096;

interface Range {
  readonly start: number;
  readonly length: number;
}

export async function findDuplicates(
  store: ObjectStore,
  bags: readonly BagEntry[],
  progress: Progress,
): Promise<BagEntry[][]> {
  const piece = (bag: BagEntry) => digestOf(store, bag, middle);
  const whole = (bag: BagEntry) => digestOf(store, bag, ({ bytes }) => ({ start: 0, length: bytes }));
  const sameSize = groupsBy(bags, (bag) =>
    partsOf(bag)
      .map(({ bytes }) => bytes)
      .join(),
  );
  const samePiece = await sameDigest(sameSize, piece, { label: 'comparing bags', progress });
  return sameDigest(samePiece, whole, { label: 'comparing equal bags', progress });
}

function middle({ bytes }: BagPart): Range {
  return {
    start: Math.floor(Math.max(0, bytes - PIECE_BYTES) / 2),
    length: Math.min(bytes, PIECE_BYTES),
  };
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

/** Of a range of each file, in their order. */
async function digestOf(
  store: ObjectStore,
  bag: BagEntry,
  rangeOf: (part: BagPart) => Range,
): Promise<string> {
  const hash = createHash('sha256');
  for (const part of partsOf(bag)) hash.update((await store.get(part.key, { range: rangeOf(part) })).bytes);
  return hash.digest('hex');
}
