/**
 * Entry point of the coordinator process. `bagfleet submit` has checked the job and written job.json; this process
 * reads it from the run's folder and carries the run to its end, or on from where an earlier coordinator died.
 * In: BAGFLEET_RUN (the run's folder), BAGFLEET_RUN_STORE (the job's store options as JSON), BAGFLEET_LOG (the
 * file that this process's own output goes to; it is removed at an end that the run's folder tells), and from the
 * keeper BAGFLEET_TOKEN, BAGFLEET_HOLDER, BAGFLEET_DEAD_HOLDER; in a pod what launch/kubernetes/in-pod.ts names.
 * Out: the exit code, and to the keeper whether another coordinator is wanted.
 */
import { rmSync } from 'node:fs';
import { BagfleetError, type StoreOptions } from '@bagfleet/proto';
import { speakAsAsked } from '@bagfleet/worker/json-console';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { sayAlive, sayConcluded } from '../keeper/keeper-link.js';
import { STEPPED_BACK } from '../keeper/keeper-rules.js';
import { requiredVariable } from '../launch/required-variable.js';
import { carryRun } from './carry-run.js';
import { exitOnOurMistakes, HANDED_OVER, isPassing, PASSING, tellError } from './exit-codes.js';

async function main(): Promise<number> {
  sayAlive();
  const options = JSON.parse(requiredVariable('BAGFLEET_RUN_STORE')) as StoreOptions;
  const store = await openStore(requiredVariable('BAGFLEET_RUN').replace(/\/+$/, ''), options);
  try {
    const verdict = await carryRun(store, options);
    if (verdict === null) return HANDED_OVER;
    const { state, error } = verdict;
    const log = process.env.BAGFLEET_LOG;
    if (log) rmSync(log, { force: true });
    await sayConcluded();
    if (state === 'done') return 0;
    return state === 'interrupted' || state === 'cancelled' ? 130 : (error?.exitCode ?? 1);
  } finally {
    store.close();
  }
}

async function failed(thrown: unknown): Promise<number> {
  const error = BagfleetError.from(thrown);
  tellError(error);
  if (error.code === 'lease-lost') return STEPPED_BACK;
  if (isPassing(error)) return PASSING;
  await sayConcluded();
  return error.exitCode;
}

exitOnOurMistakes();
speakAsAsked('coordinator');
process.exit(await main().catch(failed));
