/** Whether a night's job fits its data and its warm start, before its run begins. In: the job. Out: nothing, or an error. */
import type { JobSpec, StoreOptions } from '@bagfleet/proto';
import { loadDataset } from '@bagfleet/worker/data/load-dataset';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { checkJob } from '../job-file/check-job.js';
import { pinInitial } from '../submit/pin-initial.js';

export async function checkNightJob(job: JobSpec, access: StoreOptions): Promise<void> {
  const dataset = await loadDataset(job.data, (at) => openStore(at, access));
  try {
    await checkJob(job, dataset);
    await pinInitial(job, dataset.manifest, '.');
  } finally {
    dataset.store.close();
  }
}
