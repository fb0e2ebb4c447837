/**
 * A dataset seen through its store: the manifest against what lies in the folder, and on request against all contents.
 * In: a loaded manifest. Out: warnings.
 */
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { type ReadFacts, readFacts } from './contents/read-facts.js';
import type { Progress } from './each-concurrently.js';
import { findDuplicates } from './find-duplicates.js';
import { contentWarnings } from './warnings/contents.js';
import { manifestWarnings } from './warnings/manifest-warnings.js';
import { isSound, type Listing, objectWarnings } from './warnings/objects.js';
import { sameContent } from './warnings/same-content.js';
import type { Warning } from './warnings/warning.js';

export async function inspectDataset(
  dataset: Dataset,
  { deep, progress }: { readonly deep: boolean; readonly progress: Progress },
): Promise<Warning[]> {
  const { manifest, store } = dataset;
  const folder = await listingOf(dataset);
  const sound = manifest.bags.filter((bag) => isSound(bag, folder));
  const same = await findDuplicates(store, sound, progress);
  const contents: ReadFacts = deep
    ? await readFacts(dataset, sound, progress)
    : { facts: [], unreadable: [] };
  return [
    ...objectWarnings(manifest.bags, folder),
    ...contentWarnings(contents),
    ...sameContent(same),
    ...manifestWarnings(manifest),
  ];
}

async function listingOf({ store }: Dataset): Promise<Listing> {
  const folder = new Map<string, { bytes: number; etag?: string }>();
  for await (const { key, bytes, etag } of store.list('')) folder.set(key, { bytes, etag });
  return folder;
}
