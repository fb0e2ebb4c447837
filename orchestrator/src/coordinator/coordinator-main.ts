/**
 * Entry point of the coordinator process. `bagfleet submit` has checked the job and written job.json;
 * this process reads it from the run's folder and carries the run to its end.
 * In: BAGFLEET_RUN (the run's folder), BAGFLEET_RUN_STORE (the job's store options as JSON), BAGFLEET_LOG (the
 * file that this process's own output goes to; it is removed at an end that the run's folder tells).
 */
import { rmSync } from 'node:fs';
import { BagfleetError, parseJob, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { loadDataset } from '@bagfleet/worker/data/load-dataset';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { LocalLauncher } from '../launch/local-launcher.js';
import { Coordinator } from './coordinator.js';

async function main(): Promise<number> {
  const uri = process.env.BAGFLEET_RUN;
  const options = process.env.BAGFLEET_RUN_STORE;
  if (!uri || !options) throw new BagfleetError('bug', 'BAGFLEET_RUN and BAGFLEET_RUN_STORE must be set');
  const storeOptions = JSON.parse(options) as StoreOptions;
  const store = await openStore(uri, storeOptions);
  try {
    const { bytes } = await store.get(RUN_FILES.job);
    const job = parseJob(JSON.parse(new TextDecoder().decode(bytes)), `${uri}/${RUN_FILES.job}`);
    const { manifest, store: dataset } = await loadDataset(job.data, (at) => openStore(at, storeOptions));
    dataset.close();
    const runId = uri.replace(/\/+$/, '').split('/').at(-1) ?? uri;
    const coordinator = new Coordinator({ job, manifest, runId, store, launcher: new LocalLauncher() });
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => coordinator.interrupt(signal));
    const { state, error } = await coordinator.run();
    if (state === 'done') return 0;
    return state === 'interrupted' || state === 'cancelled' ? 130 : (error?.exitCode ?? 1);
  } finally {
    store.close();
  }
}

main().then(
  (code) => {
    const log = process.env.BAGFLEET_LOG;
    if (log) rmSync(log, { force: true });
    process.exit(code);
  },
  (thrown: unknown) => {
    const error = BagfleetError.from(thrown);
    console.error(error.code === 'bug' ? (error.cause ?? error) : error.describe());
    process.exit(error.exitCode);
  },
);
