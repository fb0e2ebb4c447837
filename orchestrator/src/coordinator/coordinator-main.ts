/**
 * Entry point of the coordinator process. `bagfleet submit` has checked the job and written job.json; this process
 * reads it from the run's folder and carries the run to its end, or on from where an earlier coordinator died.
 * In: BAGFLEET_RUN (the run's folder), BAGFLEET_RUN_STORE (the job's store options as JSON), BAGFLEET_LOG (the
 * file that this process's own output goes to; it is removed at an end that the run's folder tells), and from the
 * keeper BAGFLEET_TOKEN, BAGFLEET_HOLDER, BAGFLEET_DEAD_HOLDER; in a pod what launch/kubernetes/in-pod.ts names.
 * Out: the exit code, and to the keeper whether another coordinator is wanted.
 */
import { rmSync } from 'node:fs';
import { BagfleetError, parseJob, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { loadDataset } from '@bagfleet/worker/data/load-dataset';
import { speakAsAsked } from '@bagfleet/worker/json-console';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { sayAlive, sayConcluded } from '../keeper/keeper-link.js';
import { STEPPED_BACK } from '../keeper/keeper-rules.js';
import { requiredVariable } from '../launch/required-variable.js';
import { surroundingsOf } from '../launch/surroundings.js';
import { Coordinator } from './coordinator.js';
import * as core from './core/coordinator-core.js';
import type { Verdict } from './core/core-types.js';
import { hardStopMs } from './limits.js';

/** What a coordinator started anew may get over; everything else would only happen again. */
const PASSING = ['store-unavailable', 'cluster-unavailable', 'bug'];
/** EX_TEMPFAIL is STEPPED_BACK: this is EX_IOERR. Kubernetes takes 1, 2 and 130 as a verdict. */
const PASSED = 74;
/** Told to go, as by a drained node: another one goes on. */
const HANDED_OVER = 143;
/** After this time on top of what the coordinator allows itself, a process that was told to stop ends. */
const LAST_RESORT_MS = 5000;

async function carryRun(store: ObjectStore, options: StoreOptions): Promise<Verdict | null> {
  const { bytes } = await store.get(RUN_FILES.job);
  const job = parseJob(JSON.parse(new TextDecoder().decode(bytes)), `${store.uri}/${RUN_FILES.job}`);
  const { manifest, store: dataset } = await loadDataset(job.data, (at) => openStore(at, options));
  dataset.close();
  const runId = store.uri.split('/').at(-1) ?? store.uri;
  const surroundings = await surroundingsOf(job, runId, store);
  const coordinator = new Coordinator({ job, manifest, runId, store, core, ...surroundings });
  const answer = async (signal: string) => {
    if (!(await surroundings.isEndOfRun())) return coordinator.handOver();
    coordinator.interrupt(signal);
    setTimeout(() => process.exit(130), hardStopMs(job) + LAST_RESORT_MS);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void answer(signal));
  return await coordinator.run();
}

async function main(): Promise<number> {
  sayAlive();
  const options = JSON.parse(requiredVariable('BAGFLEET_RUN_STORE')) as StoreOptions;
  const store = await openStore(requiredVariable('BAGFLEET_RUN').replace(/\/+$/, ''), options);
  try {
    const verdict = await carryRun(store, options);
    if (verdict === null) return HANDED_OVER;
    const { state, error } = verdict;
    const log = process.env.BAGFLEET_LOG;
    if (log) rmSync(log, { force: true });
    await sayConcluded();
    if (state === 'done') return 0;
    return state === 'interrupted' || state === 'cancelled' ? 130 : (error?.exitCode ?? 1);
  } finally {
    store.close();
  }
}

async function failed(thrown: unknown): Promise<number> {
  const error = BagfleetError.from(thrown);
  console.error(error.code === 'bug' ? (error.cause ?? error) : error.describe());
  if (error.code === 'lease-lost') return STEPPED_BACK;
  if (PASSING.includes(error.code)) return PASSED;
  await sayConcluded();
  return error.exitCode;
}

speakAsAsked('coordinator');
process.exit(await main().catch(failed));
