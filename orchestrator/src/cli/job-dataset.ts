/** The dataset of a job, open while a command uses it; it is read with the job's store settings. */
import type { StoreOptions } from '@bagfleet/proto';
import { type DatasetSettings, loadDataset } from '@bagfleet/worker/data/load-dataset';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { openStore } from '@bagfleet/worker/storage/open-store';

export async function withDataset<T>(
  data: DatasetSettings,
  options: StoreOptions,
  use: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await loadDataset(data, (folder) => openStore(folder, options));
  try {
    return await use(dataset);
  } finally {
    dataset.store.close();
  }
}
