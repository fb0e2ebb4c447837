/**
 * One night, as a table of contents: take the record, look for what is new, train, score both models on the
 * hold-out, let the gate decide, write down why.
 * In: a cron's name, the night's scheduled time, how a run is trained. Out: the night's record at its end. Attempts at
 * the same night share the record, so a retry goes on with the same run on the same bags.
 */
import {
  BagfleetError,
  type Cron,
  type Night,
  RUN_FILES,
  type ScoredCheckpoint,
  type StoreOptions,
} from '@bagfleet/proto';
import { sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import { type LocatedCheckpoint, locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import type { Progress } from '../datasets/each-concurrently.js';
import { locateRef } from '../registry/tags.js';
import { runUri } from '../submit/start-run.js';
import { checkNightJob } from './check-night-job.js';
import { findCron, listNights, wasOvertaken } from './cron-store.js';
import { readHoldOut, verifyHoldOut } from './hold-out.js';
import { NightRecord } from './night-record.js';
import { dataWords, refWords, scoreWords } from './night-words.js';
import { nightStillGoing } from './other-night.js';
import { jobOfNight, planNight, refuseAppliedAnew } from './plan-night.js';
import { promoteIfBetter } from './promote.js';
import { scoreOnHoldOut } from './score-hold-out.js';
import type { TrainRun } from './train-run.js';

export interface NightParts {
  /** The store of runs. */
  readonly runs: ObjectStore;
  /** How it and the data are reached. */
  readonly access: StoreOptions;
  readonly name: string;
  /** The scheduled time; for a night that a person asks for, the time of asking. */
  readonly at: Date;
  readonly startedBy: Night['startedBy'];
  readonly train: TrainRun;
  readonly now: () => Date;
  readonly say: (sentence: string) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

interface Work extends NightParts {
  readonly cron: Cron;
  readonly record: NightRecord;
}

/** Throws `interrupted`, and leaves the record open, when the signal aborts or the run was interrupted. */
export async function runNight(parts: NightParts): Promise<Night> {
  const { value: cron } = await findCron(parts.runs, parts.name);
  const onWait = (run: string, seconds: number) =>
    parts.say(`waiting up to ${seconds} s to see whether anybody works on ${run}`);
  const record = await NightRecord.take({ ...parts, cron, onWait });
  if (record.isOver) {
    parts.say(`night ${record.night.key} is over already: ${record.night.outcome}`);
    return record.night;
  }
  const work = { ...parts, cron, record };
  try {
    const nights = await listNights(parts.runs, cron.name);
    const other = await nightStillGoing(parts.runs, cron, nights, record.night.key, onWait);
    if (other)
      return await end(work, 'skipped', [`the night ${other.key} is still going (run ${other.plan?.run})`]);
    return await withHoldOut(work, (holdOut) => carryOut(work, nights, holdOut));
  } catch (thrown) {
    const error = BagfleetError.from(parts.signal.aborted ? parts.signal.reason : thrown);
    if (error.code === 'interrupted' || error.code === 'run-held') throw error;
    const failed = await end(work, 'failed', [error.describe().split('\n')[0]], error);
    if (error.code === 'bug') throw error;
    return failed;
  }
}

async function withHoldOut<T>(work: Work, use: (holdOut: Dataset) => Promise<T>): Promise<T> {
  const bags = await openStore(work.cron.holdOut.folder, work.access);
  try {
    const holdOut = await readHoldOut(work.runs, work.cron, bags);
    await verifyHoldOut(holdOut, work.progress);
    return await use(holdOut);
  } finally {
    bags.close();
  }
}

async function carryOut(work: Work, nights: readonly Night[], holdOut: Dataset): Promise<Night> {
  const { runs, cron, record, access, say } = work;
  if (record.night.plan) refuseAppliedAnew(cron, record.night);
  else {
    const { key } = record.night;
    const { plan, isNew } = await planNight({ ...work, key, nights, holdOut });
    await record.update({ plan });
    if (!isNew) return await end(work, 'nothing-new', [`nothing is new: ${dataWords(plan.data)}`]);
  }
  const plan = planOf(record.night);
  say(dataWords(plan.data));
  say(plan.initial ? `begins with ${refWords(plan.initial)} (${cron.tag})` : 'begins from scratch');
  const job = await jobOfNight(runs, cron, plan, access);
  await checkNightJob(job, access);
  await putJob(runs, plan.run, job);
  const { signal } = work;
  const uri = runUri(runs.uri, plan.run);
  const { state, error } = await work.train({ runs, run: plan.run, uri, job, access, signal, say });
  if (state === 'cancelled') return await end(work, 'cancelled', [`its run ${plan.run} was cancelled`]);
  if (state !== 'done')
    throw error ?? new BagfleetError('job-failed', `ended as ${state}`, { culprit: `run ${plan.run}` });
  return await decide(work, holdOut);
}

async function decide(work: Work, holdOut: Dataset): Promise<Night> {
  const { runs, cron, record, say, signal } = work;
  const plan = planOf(record.night);
  const scored = async (place: LocatedCheckpoint, run: string): Promise<ScoredCheckpoint> => ({
    run,
    step: place.manifest.progress.step,
    manifestSha256: sha256Of(place.manifestBytes),
    metrics: await scoreOnHoldOut(place, holdOut, signal),
  });
  const candidate = await withCandidate(work, plan.run, (place) => scored(place, plan.run));
  const production =
    plan.production && (await scored(await locateRef(runs, plan.production), plan.production.run));
  const { metric } = cron.job.validation;
  say(`candidate ${scoreWords(metric, candidate)}`);
  if (production) say(`${cron.tag} ${scoreWords(metric, production)}`);
  const night = await record.update({ candidate, production });
  const nights = await listNights(runs, cron.name);
  const now = work.now();
  const made = { runs, cron, night, nights, holdOut: holdOut.manifest, candidate, production, now };
  const { outcome, why } = await promoteIfBetter(made);
  return end(work, outcome, why);
}

/** The run's best checkpoint; its last one if it was never validated. */
async function withCandidate<T>(
  { access, runs }: Work,
  run: string,
  use: (place: LocatedCheckpoint) => Promise<T>,
): Promise<T> {
  const folder = await openStore(runUri(runs.uri, run), access);
  try {
    const place = await locateInRun(folder, 'best').catch((thrown: unknown) => {
      if (codeOf(thrown) !== 'checkpoint-missing') throw thrown;
      return locateInRun(folder, 'latest');
    });
    return await use(place);
  } finally {
    folder.close();
  }
}

async function putJob(runs: ObjectStore, run: string, job: unknown): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(job, null, 2)}\n`);
  await runs.put(`${run}/${RUN_FILES.job}`, bytes, { ifAbsent: true }).catch((thrown: unknown) => {
    if (!wasOvertaken(thrown)) throw thrown; // an attempt before this one has written it
  });
}

async function end(
  { record, now, say }: Work,
  outcome: NonNullable<Night['outcome']>,
  why: readonly string[],
  error: BagfleetError | null = null,
): Promise<Night> {
  for (const sentence of why) say(sentence);
  const endedAt = now().toISOString();
  return record.update({ outcome, why: [...why], error: error?.toJSON() ?? null, endedAt });
}

function planOf({ plan }: Night): NonNullable<Night['plan']> {
  if (plan) return plan;
  throw new BagfleetError('bug', 'a night is carried out without a plan');
}
