/**
 * Does a coordinator work on a run at this time? Told by the store alone, from any machine.
 * In: the store of runs, a run, the term of its lease. Out: yes or no. If the lease was not let go, or the status was
 * written just now, both are watched for the term, as a challenger would: who works changes one of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseSchema, RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { isOver, readRun } from '../registry/read-run.js';

const LOOKS_PER_TERM = 20;

export async function isHeld(
  runs: ObjectStore,
  run: string,
  termMs: number,
  onWait: (seconds: number) => void,
): Promise<boolean> {
  if ((await wasLetGo(runs, run)) && !(await wasWritten(runs, run, termMs))) return false;
  onWait(termMs / 1000);
  const first = await versions(runs, run);
  const deadline = performance.now() + termMs;
  while (performance.now() < deadline) {
    await sleep(termMs / LOOKS_PER_TERM);
    if ((await versions(runs, run)) !== first) return !(await wasLetGo(runs, run));
  }
  return false;
}

async function wasLetGo(runs: ObjectStore, run: string): Promise<boolean> {
  try {
    const { bytes } = await runs.get(`${run}/${RUN_FILES.lease}`);
    const lease = leaseSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
    return (lease?.address ?? null) === null;
  } catch (thrown) {
    if (codeOf(thrown) === 'store-missing' || thrown instanceof SyntaxError) return true;
    throw thrown;
  }
}

/** A run that was begun just now may not have come to its lease yet. */
async function wasWritten(runs: ObjectStore, run: string, termMs: number): Promise<boolean> {
  const now = new Date();
  const status = (await readRun(runs, run, now))?.status;
  return !!status && !isOver(status.state) && now.getTime() - Date.parse(status.updatedAt) < termMs;
}

async function versions(runs: ObjectStore, run: string): Promise<string> {
  const [lease, status] = await Promise.all([
    runs.head(`${run}/${RUN_FILES.lease}`),
    runs.head(`${run}/${RUN_FILES.status}`),
  ]);
  return `${lease?.etag} ${status?.etag}`;
}
