/**
 * Follows a run through its folder in the store until it is over.
 * In: a started run. Out: its status again and again, last the final one; an error if its coordinator and keeper are gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, RUN_FILES, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, readRun } from '../registry/read-run.js';
import type { StartedRun } from './started-run.js';

const POLL_MS = 400;
const MARKED_WITHIN_MS = 60_000;

export interface FollowEvents {
  readonly onStatus: (status: RunStatus) => void;
  /** Before there is a status: why not, null if nothing is known. */
  readonly onHeldUp: (why: string | null) => void;
}

/** `store` holds the runs; ends with the signal's reason when it aborts. */
export async function followRun(
  store: ObjectStore,
  started: StartedRun,
  { onStatus, onHeldUp }: FollowEvents,
  signal: AbortSignal,
): Promise<RunStatus> {
  let goneAt: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    // Asked first: a coordinator has written its last status before its keeper ended.
    const gone = started.ended();
    const record = await readRun(store, started.run, new Date());
    if (record?.status) onStatus(record.status);
    else onHeldUp(started.heldUpBy());
    if (record?.status && isOver(record.status.state)) return record.status;
    goneAt ??= gone ? performance.now() : null;
    if (goneAt !== null && !(await mayBeMarked(store, started.run, goneAt)))
      throw await coordinatorGone(started);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Whoever cancels a run takes its coordinator away first, and writes its end down when all is gone. */
async function mayBeMarked(store: ObjectStore, run: string, goneAt: number): Promise<boolean> {
  if (performance.now() - goneAt > MARKED_WITHIN_MS) return false;
  return (await store.head(`${run}/${RUN_FILES.cancel}`)) !== null;
}

async function coordinatorGone({ run, words }: StartedRun): Promise<BagfleetError> {
  const last = await words();
  return new BagfleetError(
    'job-failed',
    `its coordinator ended without a verdict${last ? `:\n${last}` : ''}`,
    {
      culprit: `run ${run}`,
      hint: `Go on with it from its last checkpoint: \`bagfleet resume ${run}\`.`,
    },
  );
}
