/**
 * How a night's run is trained: the one step that differs between this machine and a cluster.
 * In: a run whose job.json is there. Out: its verdict. A run that came to an end before its time is gone on with, one
 * that is done is not trained again.
 */
import { BagfleetError, type JobSpec, type StoreOptions } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { Verdict } from '../coordinator/core/core-types.js';
import { verdictOf } from '../coordinator/earlier-status.js';
import { requestCancel } from '../registry/cancel-run.js';
import { readRun } from '../registry/read-run.js';
import { followRun } from '../submit/follow-run.js';
import { resumeRun } from '../submit/resume-run.js';
import { startKeeper } from '../submit/start-keeper.js';

export interface NightRun {
  /** The store of runs. */
  readonly runs: ObjectStore;
  readonly run: string;
  /** The run's folder. */
  readonly uri: string;
  readonly job: JobSpec;
  readonly access: StoreOptions;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}

export type TrainRun = (night: NightRun) => Promise<Verdict>;

/** With worker processes on this machine. */
export const trainHere: TrainRun = async (night) => {
  const { runs, run, uri, job, signal, say } = night;
  const earlier = (await readRun(runs, run, new Date()))?.status ?? null;
  if (earlier?.state === 'done') return verdict(verdictOf(earlier));
  const started = earlier
    ? (
        await resumeRun(runs, {
          ...{ run, workers: null, access: night.access, context: null },
          onWait: sayWait(night),
        })
      ).started
    : startKeeper({ run, uri, store: job.store, leaseTimeout: job.fleet.leaseTimeout });
  let epoch = 0;
  const last = await followRun(
    runs,
    started,
    {
      onStatus: (status) => {
        if (status.epoch > epoch) say(`${run}: epoch ${status.epoch} of ${status.epochs}`);
        epoch = status.epoch;
      },
      onHeldUp: () => undefined,
    },
    signal,
  ).catch(async (thrown: unknown) => {
    // Nothing is left working; the next attempt at the night goes on from the run's last checkpoint.
    if (signal.aborted) await requestCancel(runs, run, new Date());
    throw thrown;
  });
  return verdict(verdictOf(last));
};

function sayWait({ run, say }: NightRun): (seconds: number) => void {
  return (seconds) => say(`waiting up to ${seconds} s to see whether anybody works on ${run}`);
}

function verdict(found: Verdict | null): Verdict {
  if (found) return found;
  throw new BagfleetError('bug', 'a run was followed to its end and has no verdict');
}
