/**
 * Changes the number of a run's workers through the store: the way that works from any machine.
 * In: the store, a run, how many. Out: the run's record once it has so many, or an error that says what it did instead.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, RUN_FILES, type RunStatus, SCHEMA_VERSION, type ScaleRequest } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, type RunRecord, readRun } from './read-run.js';

const POLL_MS = 500;

/** Asks the coordinator; a later request replaces an earlier one. */
export async function requestScale(
  store: ObjectStore,
  run: string,
  workers: number,
  now: Date,
): Promise<void> {
  const request: ScaleRequest = { schemaVersion: SCHEMA_VERSION, workers, requestedAt: now.toISOString() };
  await store.put(`${run}/${RUN_FILES.scale}`, Buffer.from(`${JSON.stringify(request)}\n`));
}

export interface ScaleWait {
  readonly workers: number;
  /** The deadline. */
  readonly seconds: number;
  /** Hears the status again and again. */
  readonly onStatus: (status: RunStatus) => void;
  readonly signal: AbortSignal;
}

/** Waits until so many workers train. */
export async function waitUntilScaled(store: ObjectStore, run: string, wait: ScaleWait): Promise<RunRecord> {
  const deadline = performance.now() + wait.seconds * 1000;
  for (;;) {
    const record = await readRun(store, run, new Date());
    if (record?.status) wait.onStatus(record.status);
    if (record && isOver(record.state)) throw overBefore(record, wait.workers);
    if (record?.state === 'lost') throw nobodyListens(record);
    if (record?.status?.workers === wait.workers) return record;
    if (performance.now() >= deadline) throw tooLate(run, wait, record);
    await sleep(POLL_MS, undefined, { signal: wait.signal });
  }
}

function overBefore({ run, state }: RunRecord, workers: number): BagfleetError {
  return new BagfleetError('wait-timeout', `was over (${state}) before it had ${workers} workers`, {
    culprit: `run ${run}`,
    hint: `See \`bagfleet status ${run}\`.`,
  });
}

function nobodyListens({ run, problem }: RunRecord): BagfleetError {
  return new BagfleetError('wait-timeout', `can't be scaled: ${problem}`, {
    culprit: `run ${run}`,
    hint: 'The request stands: if its coordinator comes back, it follows it.',
  });
}

function tooLate(run: string, { workers, seconds }: ScaleWait, record: RunRecord | null): BagfleetError {
  const has = record?.status ? `has ${record.status.workers}: ${record.status.phase}` : null;
  const instead = has ?? record?.problem ?? 'its folder is gone';
  return new BagfleetError('wait-timeout', `had no ${workers} workers within ${seconds} s; it ${instead}`, {
    culprit: `run ${run}`,
    hint: 'The request stands; look again with `bagfleet status`, or wait longer with --timeout.',
  });
}
