/** Folders of runs as a coordinator leaves them, for tests of what reads them. */
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

export const NOW = new Date('2026-03-01T12:00:00.000Z');

export function secondsBefore(now: Date, seconds: number): string {
  return new Date(now.getTime() - seconds * 1000).toISOString();
}

export function statusOf(run: string, changes: Partial<RunStatus> = {}, now = NOW): RunStatus {
  return {
    schemaVersion: 1,
    run,
    name: 'mnist',
    state: 'running',
    phase: 'training',
    workers: 2,
    epoch: 3,
    epochs: 30,
    step: 12,
    steps: 25,
    loss: 0.4312,
    bagsPerSecond: 35.2,
    instancesPerSecond: 352,
    etaSeconds: 252,
    metric: { name: 'auc', best: 0.953, epoch: 2 },
    error: null,
    startedAt: secondsBefore(now, 600),
    updatedAt: secondsBefore(now, 2),
    endedAt: null,
    ...changes,
  };
}

export async function putRun(store: ObjectStore, status: RunStatus): Promise<void> {
  await putText(store, `${status.run}/${RUN_FILES.job}`, '{}\n');
  await putText(store, `${status.run}/${RUN_FILES.status}`, JSON.stringify(status));
}

export async function putText(store: ObjectStore, key: string, text: string): Promise<void> {
  await store.put(key, Buffer.from(text));
}
