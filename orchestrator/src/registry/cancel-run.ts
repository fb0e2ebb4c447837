/**
 * Ends a run through the store: the only way that works from any machine.
 * In: the store and a run. Out: the run's record once it is over, or an error that says whom it waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, RUN_FILES, SCHEMA_VERSION } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, type RunRecord, readRun } from './read-run.js';

const POLL_MS = 500;

/** Asks the coordinator to end the run; asking twice is no error. */
export async function requestCancel(store: ObjectStore, run: string, now: Date): Promise<void> {
  const request = { schemaVersion: SCHEMA_VERSION, requestedAt: now.toISOString() };
  await store.put(`${run}/${RUN_FILES.cancel}`, Buffer.from(`${JSON.stringify(request)}\n`));
}

/** Waits until the run is over; `seconds` is the deadline. */
export async function waitUntilOver(
  store: ObjectStore,
  run: string,
  seconds: number,
  signal: AbortSignal,
): Promise<RunRecord> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const record = await readRun(store, run, new Date());
    if (record && isOver(record.state)) return record;
    if (record?.state === 'lost') throw nobodyListens(record);
    if (performance.now() >= deadline) throw tooLate(run, seconds, record);
    await sleep(POLL_MS, undefined, { signal });
  }
}

function nobodyListens({ run, problem }: RunRecord): BagfleetError {
  return new BagfleetError('wait-timeout', `can't be ended: ${problem}`, {
    culprit: `run ${run}`,
    hint: 'Its process is gone or cut off from the store; if it comes back, it ends at once.',
  });
}

function tooLate(run: string, seconds: number, record: RunRecord | null): BagfleetError {
  const phase = record?.status?.phase ?? record?.problem ?? 'its folder is gone';
  return new BagfleetError('wait-timeout', `did not end within ${seconds} s: ${phase}`, {
    culprit: `run ${run}`,
    hint: 'The request stands; look again with `bagfleet status`, or wait longer with --timeout.',
  });
}
