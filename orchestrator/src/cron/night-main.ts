/**
 * Entry point of a night's process (see night-process.ts): in a pod it is the coordinator of the night's run, elsewhere
 * it trains with worker processes of its own machine.
 * Out: the night's exit code; 143 in a pod that has to go, so that Kubernetes begins the same night in another one.
 */
import { BagfleetError } from '@bagfleet/proto';
import { speakAsAsked } from '@bagfleet/worker/json-console';
import { exitOnOurMistakes, HANDED_OVER, isPassing, PASSING, tellError } from '../coordinator/exit-codes.js';
import { runNightProcess } from './night-process.js';
import { trainInPod } from './train-in-pod.js';
import { trainHere } from './train-run.js';

const isPod = process.env.BAGFLEET_POD !== undefined;
const training = isPod
  ? ({ train: trainInPod, engine: 'kubernetes' } as const)
  : ({ train: trainHere, engine: 'local' } as const);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => stop.abort(new BagfleetError('interrupted', `was told to stop by ${signal}`)));

function failed(thrown: unknown): number {
  const error = BagfleetError.from(thrown);
  tellError(error);
  if (!isPod) return error.exitCode;
  if (error.code === 'interrupted') return HANDED_OVER;
  return isPassing(error) ? PASSING : error.exitCode;
}

exitOnOurMistakes();
speakAsAsked('coordinator');
process.exit(await runNightProcess(process.env, training, stop.signal).catch(failed));
