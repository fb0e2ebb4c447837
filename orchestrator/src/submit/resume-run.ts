/**
 * Goes on with a run that was interrupted, cancelled, failed or lost, from its last checkpoint, on any number of
 * workers. In: the store of runs, a run that nobody works on. Out: its keeper is started; its status leaves its end.
 */
import { BagfleetError, type JobSpec, RUN_FILES, type RunStatus, type StoreOptions } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { refuseHalfPods } from '../job-file/whole-pods.js';
import { jobOfRun } from '../registry/job-of-run.js';
import { readRun } from '../registry/read-run.js';
import { requestScale } from '../registry/scale-run.js';
import { isHeld } from './run-holder.js';
import { startCoordinator } from './start-coordinator.js';
import { runUri } from './start-run.js';
import type { StartedRun } from './started-run.js';

export interface ResumeRequest {
  readonly run: string;
  /** How many workers it is to have; null leaves it as it was. */
  readonly workers: number | null;
  /** How the store of runs is reached. */
  readonly access: StoreOptions;
  /** Of the kubeconfig, for a run on Kubernetes; null takes the current one. */
  readonly context: string | null;
  /** It is not clear yet whether somebody works on it: that takes so many seconds. */
  readonly onWait: (seconds: number) => void;
}

export interface ResumedRun {
  /** As it was submitted, with the store as it is reached now. */
  readonly job: JobSpec;
  readonly started: StartedRun;
}

/** Errors: `usage` when it is done, `run-held` when somebody works on it. */
export async function resumeRun(runs: ObjectStore, request: ResumeRequest): Promise<ResumedRun> {
  const job = await reopenRun(runs, request);
  const { run, context } = request;
  const uri = runUri(job.store.uri, run);
  return { job, started: await startCoordinator(job, { run, uri }, context) };
}

/** The part without a process: the run may go on, whoever coordinates it. Out: its job. */
export async function reopenRun(runs: ObjectStore, request: ResumeRequest): Promise<JobSpec> {
  const { run, workers, access } = request;
  const submitted = await jobOfRun(runs, run);
  const job = { ...submitted, store: reachedBy(access, submitted.store) };
  const status = (await readRun(runs, run, new Date()))?.status ?? null;
  if (status?.state === 'done') throw nothingToDo(run);
  if (await isHeld(runs, run, job.fleet.leaseTimeout * 1000, request.onWait)) throw held(run);
  if (workers !== null) refuseHalfPods(job.fleet, { workers, culprit: '--workers', code: 'usage' });
  await runs.delete(`${run}/${RUN_FILES.cancel}`);
  if (workers !== null) await requestScale(runs, run, workers, new Date());
  if (status) await leaveTheEnd(runs, status);
  return job;
}

/** The store is reached as it was found now; how objects are protected stays as the job says, unless told anew. */
export function reachedBy(access: StoreOptions, submitted: StoreOptions): StoreOptions {
  return {
    ...access,
    bucketOwner: access.bucketOwner ?? submitted.bucketOwner,
    encryption: access.encryption === 'none' ? submitted.encryption : access.encryption,
  };
}

/** Until a coordinator says more. A final state would tell it, and whoever follows, that the run is over. */
async function leaveTheEnd(runs: ObjectStore, status: RunStatus): Promise<void> {
  const key = `${status.run}/${RUN_FILES.status}`;
  const found = await runs.head(key);
  const begun: RunStatus = {
    ...status,
    state: 'starting',
    phase: 'starting the workers again',
    error: null,
    updatedAt: new Date().toISOString(),
    endedAt: null,
  };
  try {
    const condition = found ? { ifMatch: found.etag } : {};
    await runs.put(key, Buffer.from(`${JSON.stringify(begun, null, 2)}\n`), condition);
  } catch (thrown) {
    throw codeOf(thrown) === 'store-conflict' ? held(status.run) : thrown;
  }
}

function nothingToDo(run: string): BagfleetError {
  return new BagfleetError('usage', 'is done: there is nothing to resume', {
    culprit: `run ${run}`,
    hint: 'Submit the job again for a new run.',
  });
}

function held(run: string): BagfleetError {
  return new BagfleetError('run-held', 'a coordinator works on it', {
    culprit: `run ${run}`,
    hint: `See \`bagfleet status ${run}\`; change its number of workers with \`bagfleet scale ${run} N\`.`,
  });
}
