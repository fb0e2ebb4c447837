/** The costs that a run of the job's store has recorded: what `plan --costs RUN` goes by. */
import type { DatasetManifest, JobSpec } from '@bagfleet/proto';
import { createModel } from '@bagfleet/worker/models/create-model';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import type { FleetCosts } from '../forecast/fleet-costs.js';
import { recordedCosts } from '../forecast/recorded-costs.js';
import { findRun } from '../registry/find-run.js';
import { readLedger, readMetrics } from '../registry/read-rows.js';
import type { StoreFlags } from './options/store-flags.js';
import { withRunStore } from './run-store.js';

export function costsOfRun(
  job: JobSpec,
  manifest: DatasetManifest,
  name: string,
  flags: StoreFlags,
): Promise<FleetCosts> {
  return withRunStore(flags, async (store) => {
    const { run } = await findRun(store, name, new Date());
    const { length } = layoutOf(createModel(job.model, modelInputOf(manifest, job.data)).parameters);
    return recordedCosts(run, await readMetrics(store, run), await readLedger(store, run), length);
  });
}
