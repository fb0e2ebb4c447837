/**
 * One night, as a table of contents: take the record, look for what is new, train, score both models on the
 * hold-out, let the gate decide, write down why.
 * In: a cron's name, the night's scheduled time, how a run is trained. Out: the night's record at its end. Attempts at
 * the same night share the record, so a retry goes on with the same run on the same bags.
 */
import { BagfleetError, type Cron, type Night, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { withLabelMap } from '@bagfleet/worker/data/load-dataset';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { reachedBy } from '../submit/resume-run.js';
import { runUri } from '../submit/start-run.js';
import { checkNightJob } from './check-night-job.js';
import { findCron, listNights, wasOvertaken } from './cron-store.js';
import { decideNight } from './decide-night.js';
import { readHoldOut, verifyHoldOut } from './hold-out.js';
import { NightRecord } from './night-record.js';
import { dataWords, refWords } from './night-words.js';
import { endNight, type NightParts, type NightWork, planOf } from './night-work.js';
import { nightStillGoing } from './other-night.js';
import { jobOfNight, planNight, refuseAppliedAnew } from './plan-night.js';

/** Another attempt goes on with the night, or is at it already. */
const OPEN_ENDS: readonly string[] = ['interrupted', 'run-held', 'lease-lost'];

/** Throws and leaves the record open when it was interrupted or another process has taken it over. */
export async function runNight(parts: NightParts): Promise<Night> {
  const { cron, access } = await reach(parts);
  const runs = await openStore(access.uri, access);
  try {
    return await nightOf({ ...parts, access }, cron, runs);
  } finally {
    runs.close();
  }
}

/** What the night writes is protected as the cron's job says, however the store is reached. */
async function reach({ access, name }: NightParts): Promise<{ cron: Cron; access: StoreOptions }> {
  const store = await openStore(access.uri, access);
  try {
    const { value: cron } = await findCron(store, name);
    return { cron, access: { ...reachedBy(access, cron.job.store), uri: store.uri } };
  } finally {
    store.close();
  }
}

async function nightOf(parts: NightParts, cron: Cron, runs: ObjectStore): Promise<Night> {
  const onWait = (run: string, seconds: number) =>
    parts.say(`waiting up to ${seconds} s to see whether anybody works on ${run}`);
  const record = await NightRecord.take({ ...parts, runs, cron, onWait });
  if (record.isOver) {
    parts.say(`night ${record.night.key} is over already: ${record.night.outcome}`);
    return record.night;
  }
  const work = { ...parts, runs, cron, record };
  try {
    const nights = await listNights(runs, cron.name);
    const other = await nightStillGoing(runs, cron, nights, record.night.key, onWait);
    if (other)
      return await endNight(work, 'skipped', [
        `the night ${other.key} is still going (run ${other.plan?.run})`,
      ]);
    return await withHoldOut(work, (holdOut) => carryOut(work, nights, holdOut));
  } catch (thrown) {
    const error = BagfleetError.from(parts.signal.aborted ? parts.signal.reason : thrown);
    if (OPEN_ENDS.includes(error.code)) throw error;
    const failed = await endNight(work, 'failed', [error.describe().split('\n')[0]], {
      error: error.toJSON(),
    });
    if (error.code === 'bug') throw error;
    return failed;
  }
}

async function withHoldOut<T>(work: NightWork, use: (holdOut: Dataset) => Promise<T>): Promise<T> {
  const bags = await openStore(work.cron.holdOut.folder, work.access);
  try {
    const holdOut = await readHoldOut(work.runs, work.cron, bags);
    await verifyHoldOut(holdOut, work.progress);
    return await use(holdOut);
  } finally {
    bags.close();
  }
}

async function carryOut(work: NightWork, nights: readonly Night[], holdOut: Dataset): Promise<Night> {
  const { runs, cron, record, access, say } = work;
  if (record.night.plan) refuseAppliedAnew(cron, record.night);
  else {
    const { key } = record.night;
    const { plan, isNew } = await planNight({ ...work, key, nights, holdOut });
    if (!isNew)
      return await endNight(work, 'nothing-new', [`nothing is new: ${dataWords(plan.data)}`], { plan });
    await record.update({ plan });
  }
  const plan = planOf(record.night);
  say(dataWords(plan.data));
  say(plan.initial ? `begins with ${refWords(plan.initial)} (${cron.tag})` : 'begins from scratch');
  const planned = await jobOfNight(runs, cron, plan, access);
  const job = { ...planned, fleet: { ...planned.fleet, engine: work.engine } };
  await checkNightJob(job, access);
  await putJob(runs, plan.run, job);
  const { signal } = work;
  const uri = runUri(runs.uri, plan.run);
  const { state, error } = await work.train({ runs, run: plan.run, uri, job, access, signal, say });
  if (state === 'cancelled') return await endNight(work, 'cancelled', [`its run ${plan.run} was cancelled`]);
  if (state !== 'done')
    throw error ?? new BagfleetError('job-failed', `ended as ${state}`, { culprit: `run ${plan.run}` });
  return await decideNight(work, withLabelMap(holdOut, cron.job.data.labelMap));
}

async function putJob(runs: ObjectStore, run: string, job: unknown): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(job, null, 2)}\n`);
  await runs.put(`${run}/${RUN_FILES.job}`, bytes, { ifAbsent: true }).catch((thrown: unknown) => {
    if (!wasOvertaken(thrown)) throw thrown; // an attempt before this one has written it
  });
}
