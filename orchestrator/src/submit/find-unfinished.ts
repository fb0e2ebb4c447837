/**
 * The run that `submit --resume auto` goes on with.
 * In: the store of runs, a job. Out: the newest run of the same job that is neither done nor worked on; null if none.
 * Two jobs are the same if they differ in nothing but the fleet and the store: the result does not depend on those.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { jobOfRun } from '../registry/job-of-run.js';
import { listRuns } from '../registry/list-runs.js';
import { isHeld } from './run-holder.js';

export async function findUnfinished(
  runs: ObjectStore,
  job: JobSpec,
  now: Date,
  onWait: (run: string, seconds: number) => void,
): Promise<string | null> {
  for (const { run, state } of await listRuns(runs, now)) {
    if (state === 'done' || !(await isSameJob(runs, run, job))) continue;
    const tell = (seconds: number) => onWait(run, seconds);
    if (!(await isHeld(runs, run, job.fleet.leaseTimeout * 1000, tell))) return run;
  }
  return null;
}

async function isSameJob(runs: ObjectStore, run: string, job: JobSpec): Promise<boolean> {
  try {
    return essence(await jobOfRun(runs, run)) === essence(job);
  } catch (thrown) {
    // A job of another version, or half a folder.
    if (codeOf(thrown) === 'store-unavailable') throw thrown;
    return false;
  }
}

function essence({ fleet: _, store: __, ...rest }: JobSpec): string {
  return JSON.stringify(rest);
}
