/**
 * Writes the end of a run that nobody works on any more, so that its folder tells it.
 * In: the store, a run, its job. Out: status.json says cancelled; a status that is final already stays.
 */
import { type JobSpec, RUN_FILES, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { statusBefore } from '../coordinator/run-status.js';
import { isOver, readRun } from './read-run.js';

const PHASE = 'cancelled before its coordinator could end it';

export async function markCancelled(store: ObjectStore, run: string, job: JobSpec, now: Date): Promise<void> {
  const key = `${run}/${RUN_FILES.status}`;
  const found = await store.head(key);
  const status = (await readRun(store, run, now))?.status ?? statusBefore(run, job, now);
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
