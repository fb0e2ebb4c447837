/**
 * One run carried by this process: the job is read from the run's folder, a coordinator is made for where it finds
 * itself, and signals are answered.
 * In: the run's folder, how stores are reached. Out: the verdict; null when the run was handed over to another one.
 */
import { parseJob, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { loadDataset } from '@bagfleet/worker/data/load-dataset';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { surroundingsOf } from '../launch/surroundings.js';
import { Coordinator } from './coordinator.js';
import * as core from './core/coordinator-core.js';
import type { Verdict } from './core/core-types.js';
import { hardStopMs } from './limits.js';

/** After this time on top of what the coordinator allows itself, a process that was told to stop ends. */
const LAST_RESORT_MS = 5000;
const INTERRUPTED = 130;

export async function carryRun(store: ObjectStore, options: StoreOptions): Promise<Verdict | null> {
  const { bytes } = await store.get(RUN_FILES.job);
  const job = parseJob(JSON.parse(new TextDecoder().decode(bytes)), `${store.uri}/${RUN_FILES.job}`);
  const { manifest, store: dataset } = await loadDataset(job.data, (at) => openStore(at, options));
  dataset.close();
  const runId = store.uri.split('/').at(-1) ?? store.uri;
  const surroundings = await surroundingsOf(job, runId, store);
  const coordinator = new Coordinator({ job, manifest, runId, store, core, ...surroundings });
  const answer = async (signal: NodeJS.Signals) => {
    if (!(await surroundings.isEndOfRun())) return coordinator.handOver();
    coordinator.interrupt(signal);
    setTimeout(() => process.exit(INTERRUPTED), hardStopMs(job) + LAST_RESORT_MS).unref();
  };
  const listener = (signal: NodeJS.Signals) => void answer(signal);
  process.on('SIGTERM', listener).on('SIGINT', listener);
  try {
    return await coordinator.run();
  } finally {
    process.off('SIGTERM', listener).off('SIGINT', listener);
  }
}
