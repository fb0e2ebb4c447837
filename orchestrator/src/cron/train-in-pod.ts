/**
 * A night's run trained on Kubernetes: the night's own process is its coordinator.
 * In: a run whose job.json is there. Out: its verdict. A run that an earlier attempt at the night began is gone on with;
 * `interrupted` when this pod has to go: the next one goes on with the night.
 */
import { BagfleetError } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { carryRun } from '../coordinator/carry-run.js';
import { verdictOf } from '../coordinator/earlier-status.js';
import { isOver, readRun } from '../registry/read-run.js';
import { reopenRun } from '../submit/resume-run.js';
import type { TrainRun } from './train-run.js';

export const trainInPod: TrainRun = async ({ runs, run, uri, access, say }) => {
  const earlier = (await readRun(runs, run, new Date()))?.status ?? null;
  if (earlier?.state === 'done') {
    const verdict = verdictOf(earlier);
    if (verdict) return verdict;
  }
  // One that is not over has lost its coordinator's pod: this one takes over as any coordinator would.
  if (earlier && isOver(earlier.state))
    await reopenRun(runs, {
      ...{ run, workers: null, access, context: null },
      onWait: (seconds) => say(`waiting up to ${seconds} s to see whether anybody works on ${run}`),
    });
  const store = await openStore(uri, access);
  try {
    const verdict = await carryRun(store, access);
    if (verdict) return verdict;
  } finally {
    store.close();
  }
  throw new BagfleetError('interrupted', 'this pod was told to go; the next one goes on', {
    culprit: `run ${run}`,
  });
};
