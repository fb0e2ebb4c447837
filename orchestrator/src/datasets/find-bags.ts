/**
 * The bags of a folder, from its listing alone.
 * In: a store, and if somebody says so its layout and its folder of features. Out: each bag's id and files, or an error
 * that names the file.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { BAG_SUFFIXES } from '@bagfleet/worker/data/formats/bag-formats';
import { MANIFEST_FILE } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { FoundBag, FoundBags, FoundObject } from './layouts/layout.js';
import { layoutOf } from './layouts/layouts.js';

/** Where nothing is said, the listing shows it. */
export interface LayoutWish {
  /** Name of a layout. */
  readonly layout?: string | undefined;
  /** Name of a folder of features, where there are several. */
  readonly features?: string | undefined;
}

export interface Findings extends FoundBags {
  /** Name of the layout. */
  readonly layout: string;
}

export async function findBags(store: ObjectStore, wish: LayoutWish = {}): Promise<Findings> {
  const objects = await objectsIn(store);
  const layout = layoutOf(objects, wish.layout);
  const found = layout.find(objects, wish.features);
  refuseTwins(found.bags);
  if (found.bags.length > 0) return { layout: layout.name, ...found };
  const isSaid = wish.layout !== undefined && layout.name !== 'plain';
  throw new BagfleetError(
    'bag-missing',
    isSaid ? `it is not ${layout.about}` : `there are no files of bags (${BAG_SUFFIXES.join(', ')})`,
    {
      culprit: store.uri,
      hint: isSaid
        ? 'Leave --layout out, and the listing shows it; or name another folder.'
        : 'Write one file per bag: an array of shape (instances, features).',
    },
  );
}

async function objectsIn(store: ObjectStore): Promise<FoundObject[]> {
  const isVersioned = store.uri.startsWith('s3://');
  const objects: FoundObject[] = [];
  for await (const object of store.list('')) if (object.key !== MANIFEST_FILE) objects.push(object);
  return isVersioned ? objects : objects.map(({ key, bytes }) => ({ key, bytes }));
}

function refuseTwins(bags: readonly FoundBag[]): void {
  const seen = new Map<string, FoundBag>();
  for (const bag of bags) {
    const twin = seen.get(bag.id);
    if (twin)
      throw new BagfleetError('manifest-invalid', `there is another file of that name: ${twin.key}`, {
        culprit: `bag ${bag.id}, file ${bag.key}`,
        hint: 'Rename one of them, and its row in the labels.',
      });
    seen.set(bag.id, bag);
  }
}
