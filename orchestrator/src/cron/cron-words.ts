/**
 * What a person says of a cron besides its job, checked before anything is read.
 * In: words. Out: the gate that they mean; an error that names the flag.
 */
import { BagfleetError, type Cron, type JobSpec } from '@bagfleet/proto';
import { checkTagName } from '../registry/tags.js';
import { parseGate, usualGate } from './gate-parse.js';
import { checkSchedule, type Schedule } from './schedule.js';

export interface CronWords extends Schedule {
  readonly name: string;
  /** URI of the table; null: labels.csv in the data folder. */
  readonly labels: string | null;
  /** Manifest whose bags are the hold-out; null: the test bags of the job's manifest, or what is pinned already. */
  readonly holdOut: string | null;
  /** null: the usual one, of the job's metric. */
  readonly gate: string | null;
  /** Of the usual gate; null: the usual one. */
  readonly margin: number | null;
  readonly tag: string;
  readonly from: Cron['from'];
  /** Seconds. */
  readonly startingDeadline: number;
}

export const USUAL_MARGIN = 0.01;

/** Kubernetes looks every 10 s: with less than that a night may be missed for nothing. */
const LEAST_DEADLINE = 30;

export function checkWords(job: JobSpec, words: CronWords): void {
  checkSchedule(words);
  checkTagName(words.tag);
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(words.name))
    throw new BagfleetError('usage', 'is no name of a cron', {
      culprit: `--name ${words.name}`,
      hint: 'Lower-case letters, digits and dashes, at most 40.',
    });
  if (words.startingDeadline < LEAST_DEADLINE)
    throw new BagfleetError('usage', `must be at least ${LEAST_DEADLINE} s`, {
      culprit: '--starting-deadline',
    });
  if (job.data.fold === null) return;
  throw new BagfleetError('job-invalid', 'a cron trains on splits, not on a fold', {
    culprit: 'job field data.fold',
    hint: 'Set it to null: the test bags of the manifest are the hold-out.',
  });
}

export function gateOf(job: JobSpec, { gate, margin }: CronWords): string {
  if (gate !== null && margin !== null)
    throw new BagfleetError('usage', 'is for the usual gate only', {
      culprit: '--margin',
      hint: 'Say it in the gate itself, such as auc >= best - 0.02.',
    });
  if (margin !== null && !(margin >= 0))
    throw new BagfleetError('usage', 'must be 0 or more', { culprit: `--margin ${margin}` });
  if (gate === null) return usualGate(job.validation.metric, margin ?? USUAL_MARGIN);
  parseGate(gate);
  return gate;
}
