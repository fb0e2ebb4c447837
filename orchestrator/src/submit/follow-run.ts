/**
 * Follows a run through its folder in the store until it is over.
 * In: a started run. Out: its status again and again, last the final one; an error if its coordinator and keeper are gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, readRun } from '../registry/read-run.js';
import type { StartedRun } from './start-keeper.js';

const POLL_MS = 400;

/** `store` holds the runs; ends with the signal's reason when it aborts. */
export async function followRun(
  store: ObjectStore,
  started: StartedRun,
  onStatus: (status: RunStatus) => void,
  signal: AbortSignal,
): Promise<RunStatus> {
  for (;;) {
    signal.throwIfAborted();
    // Asked first: a coordinator has written its last status before its keeper ended.
    const gone = started.ended();
    const record = await readRun(store, started.run, new Date());
    if (record?.status) onStatus(record.status);
    if (record?.status && isOver(record.status.state)) return record.status;
    if (gone) throw coordinatorGone(started);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

function coordinatorGone({ run, words }: StartedRun): BagfleetError {
  const last = words();
  return new BagfleetError(
    'job-failed',
    `its coordinator ended without a verdict${last ? `:\n${last}` : ''}`,
    {
      culprit: `run ${run}`,
      hint: `Go on with it from its last checkpoint: \`bagfleet resume ${run}\`.`,
    },
  );
}
