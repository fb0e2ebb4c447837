/**
 * A night as a process of its own, started by a clock: what it is told in its environment, what it says, its exit code.
 * In: BAGFLEET_STORE_OPTIONS (the store of runs, as in a job file's `store`, as JSON), BAGFLEET_CRON (the cron's name),
 * and the night's time: BAGFLEET_NIGHT (ISO 8601), or BAGFLEET_JOB_NAME, which ends in it as Kubernetes names Jobs;
 * BAGFLEET_NIGHT_BY=person if a person asked for it; how a run is trained. Out: 0 for a night that came to a decision, or had nothing to do; else a failure's code.
 */
import { BagfleetError, type StoreOptions } from '@bagfleet/proto';
import { runNight } from './night.js';
import { parseNight, timeOfJobName } from './night-key.js';
import { errorOf, exitCodeOf } from './night-outcome.js';
import type { NightParts } from './night-work.js';

export async function runNightProcess(
  environment: NodeJS.ProcessEnv,
  { train, engine }: Pick<NightParts, 'train' | 'engine'>,
  signal: AbortSignal,
): Promise<number> {
  const access = JSON.parse(demand(environment, 'BAGFLEET_STORE_OPTIONS')) as StoreOptions;
  const name = demand(environment, 'BAGFLEET_CRON');
  const at = timeOf(environment);
  const night = await runNight({
    access,
    name,
    at,
    startedBy: environment.BAGFLEET_NIGHT_BY === 'person' ? 'person' : 'clock',
    train,
    engine,
    now: () => new Date(),
    say: (sentence) => console.log(sentence),
    progress: () => undefined,
    signal,
  });
  const error = errorOf(night);
  if (error) console.error(error.describe());
  return exitCodeOf(night);
}

function timeOf(environment: NodeJS.ProcessEnv): Date {
  const told = environment.BAGFLEET_NIGHT;
  return told ? parseNight(told, 'BAGFLEET_NIGHT') : timeOfJobName(demand(environment, 'BAGFLEET_JOB_NAME'));
}

function demand(environment: NodeJS.ProcessEnv, variable: string): string {
  const value = environment[variable];
  if (value) return value;
  throw new BagfleetError('usage', 'is not set', {
    culprit: variable,
    hint: 'A night is started by `bagfleet cron run-now`, or by a CronJob that `bagfleet cron apply` made.',
  });
}
