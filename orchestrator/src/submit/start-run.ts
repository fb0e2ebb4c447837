/**
 * Begins a run: its folder with job.json, and a coordinator that outlives the terminal.
 * In: a checked job. Out: the started run.
 */
import { randomBytes } from 'node:crypto';
import { type JobSpec, RUN_FILES } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { startCoordinator } from './start-coordinator.js';
import type { StartedRun } from './started-run.js';

export async function startRun(job: JobSpec, now: Date, context: string | null): Promise<StartedRun> {
  const run = runName(job.name, now);
  const uri = runUri(job.store.uri, run);
  const store = await openStore(uri, job.store);
  try {
    await store.put(RUN_FILES.job, Buffer.from(`${JSON.stringify(job, null, 2)}\n`), { ifAbsent: true });
  } finally {
    store.close();
  }
  return startCoordinator(job, { run, uri }, context);
}

/** The folder of a run in the store of runs. */
export function runUri(runs: string, run: string): string {
  return `${runs.replace(/\/+$/, '')}/${run}`;
}

/** mnist-bags-20261123-204512-9f3a: sorts by time, unique enough for one store. */
export function runName(name: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${name}-${stamp}-${randomBytes(2).toString('hex')}`;
}
