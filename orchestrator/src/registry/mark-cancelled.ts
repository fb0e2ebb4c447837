/**
 * Writes the end of a run that nobody works on any more, so that its folder tells it.
 * In: the store, a run, its job. Out: status.json says cancelled; a status that is final already stays.
 */
import { type JobSpec, RUN_FILES, type RunStatus, SCHEMA_VERSION } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, readRun } from './read-run.js';

const PHASE = 'cancelled before its coordinator could end it';

export async function markCancelled(store: ObjectStore, run: string, job: JobSpec, now: Date): Promise<void> {
  const key = `${run}/${RUN_FILES.status}`;
  const found = await store.head(key);
  const status = (await readRun(store, run, now))?.status ?? neverBegun(run, job, now);
  if (isOver(status.state)) return;
  const time = now.toISOString();
  const ended: RunStatus = {
    ...status,
    state: 'cancelled',
    phase: PHASE,
    etaSeconds: null,
    updatedAt: time,
    endedAt: time,
  };
  const condition = found ? { ifMatch: found.etag } : { ifAbsent: true as const };
  await store.put(key, Buffer.from(`${JSON.stringify(ended, null, 2)}\n`), condition);
}

function neverBegun(run: string, job: JobSpec, now: Date): RunStatus {
  const time = now.toISOString();
  return {
    schemaVersion: SCHEMA_VERSION,
    run,
    name: job.name,
    state: 'starting',
    phase: '',
    workers: 0,
    epoch: 0,
    epochs: job.train.epochs,
    step: 0,
    steps: 0,
    loss: null,
    bagsPerSecond: null,
    instancesPerSecond: null,
    etaSeconds: null,
    metric: { name: job.validation.metric, best: null, epoch: null },
    error: null,
    startedAt: time,
    updatedAt: time,
    endedAt: null,
  };
}
