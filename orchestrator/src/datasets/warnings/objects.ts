/**
 * The manifest against what lies in its folder: objects that are not there, that have changed since they were indexed,
 * or that belong to two bags. In: bags, the folder's listing. Out: warnings, one per bag at most.
 */
import { type BagEntry, type ObjectEntry, objectsOf, partsOf } from '@bagfleet/proto/dataset-manifest';
import { groupsBy } from '../groups-by.js';
import { acrossSplits } from './across-splits.js';
import { idsOf, listed, type Warning } from './warning.js';

/** By key. */
export type Listing = ReadonlyMap<string, { readonly bytes: number; readonly etag?: string }>;

const INDEX_AGAIN = 'Index the folder again, or bring the file back.';

export function objectWarnings(bags: readonly BagEntry[], folder: Listing): Warning[] {
  return bags.flatMap((bag) => {
    const wrong = objectsOf(bag).flatMap((object) => problemOf(object, folder) ?? []);
    if (wrong.length === 0) return [];
    const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more of its files)` : '';
    const [{ code, words }] = wrong;
    return [{ code, message: `bag ${bag.id}: ${words}${more}`, bags: [bag.id], hint: INDEX_AGAIN }];
  });
}

function problemOf(
  { key, bytes, etag }: ObjectEntry,
  folder: Listing,
): { readonly code: 'object-missing' | 'object-changed'; readonly words: string } | null {
  const there = folder.get(key);
  if (there === undefined) return { code: 'object-missing', words: `${key} is not there` };
  if (there.bytes !== bytes)
    return {
      code: 'object-changed',
      words: `${key} has ${there.bytes} bytes, the manifest says ${bytes}`,
    };
  if (etag !== undefined && there.etag !== undefined && there.etag !== etag)
    return { code: 'object-changed', words: `${key} has changed since it was indexed` };
  return null;
}

/** Whether all objects of a bag are there as the manifest says. */
export function isSound(bag: BagEntry, folder: Listing): boolean {
  return objectsOf(bag).every((object) => problemOf(object, folder) === null);
}

/** Features that two bags share. */
export function sharedObjects(bags: readonly BagEntry[]): Warning[] {
  const files = bags.flatMap((bag) => partsOf(bag).map(({ key }) => ({ bag, key })));
  return groupsBy(files, ({ key }) => key).map((group) => {
    const owners = [...new Set(group.map(({ bag }) => bag))];
    return {
      code: 'object-shared',
      message: `${listed(owners)} ${owners.length === 1 ? 'has one file twice' : 'have a file in common'}${acrossSplits(owners)}`,
      bags: idsOf(owners),
      hint: 'Let each file belong to one bag.',
    };
  });
}
