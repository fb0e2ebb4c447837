/**
 * The resolved job that a run was started with.
 * In: the store, a run. Out: its job.json, checked, or an error that names the file.
 */
import { BagfleetError, type JobSpec, parseJob, RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

export async function jobOfRun(store: ObjectStore, run: string): Promise<JobSpec> {
  const key = `${run}/${RUN_FILES.job}`;
  const { bytes } = await store.get(key);
  return parseJob(parseJson(bytes, key), key);
}

function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new BagfleetError('job-invalid', 'is not valid JSON', {
      culprit: key,
      hint: 'It is written once, when a run is submitted; what stands there now was not written by bagfleet.',
    });
  }
}
