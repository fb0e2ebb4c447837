/**
 * A night at work: what all its steps share, and how it ends.
 */
import { BagfleetError, type Cron, type JobSpec, type Night, type StoreOptions } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { Progress } from '../datasets/each-concurrently.js';
import type { NightRecord } from './night-record.js';
import type { TrainRun } from './train-run.js';

export interface NightParts {
  /** Where the store of runs is, and how it and the data are reached. */
  readonly access: StoreOptions;
  readonly name: string;
  /** The scheduled time; for a night that a person asks for, the time of asking. */
  readonly at: Date;
  readonly startedBy: Night['startedBy'];
  readonly train: TrainRun;
  /** Where its run is trained, whatever the cron's job says. */
  readonly engine: JobSpec['fleet']['engine'];
  readonly now: () => Date;
  readonly say: (sentence: string) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface NightWork extends NightParts {
  /** The store of runs. */
  readonly runs: ObjectStore;
  readonly cron: Cron;
  readonly record: NightRecord;
}

export async function endNight(
  { record, now, say }: NightWork,
  outcome: NonNullable<Night['outcome']>,
  why: readonly string[],
  more: Partial<Pick<Night, 'plan' | 'error'>> = {},
): Promise<Night> {
  for (const sentence of why) say(sentence);
  const endedAt = now().toISOString();
  return record.update({ ...more, outcome, why: [...why], endedAt });
}

export function planOf({ plan }: Night): NonNullable<Night['plan']> {
  if (plan) return plan;
  throw new BagfleetError('bug', 'a night is carried out without a plan');
}
