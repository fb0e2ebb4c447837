/**
 * A dataset seen through its store: the manifest against what lies in the folder.
 * In: a loaded manifest. Out: a DatasetSummary.
 */
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { type DatasetSummary, describeDataset } from './describe-dataset.js';
import type { Progress } from './each-concurrently.js';
import { findDuplicates } from './find-duplicates.js';

export async function inspectDataset(dataset: Dataset, progress: Progress): Promise<DatasetSummary> {
  const { manifest, store } = dataset;
  const folder = new Map<string, number>();
  for await (const { key, bytes } of store.list('')) folder.set(key, bytes);
  const sound = manifest.bags.filter((bag) => folder.get(bag.key) === bag.bytes);
  return describeDataset(manifest, folder, await findDuplicates(store, sound, progress));
}
