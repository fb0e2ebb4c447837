/**
 * Makes a cron, or changes it: checks all that a user could have to mend before the first night, pins what must not
 * move (the hold-out, the sides of the bags that there are), writes the record.
 * In: a resolved job and the cron's words. Out: the record, what the first night would train on, and remarks.
 */
import { BagfleetError, type Cron, type JobSpec, type NightData, SCHEMA_VERSION } from '@bagfleet/proto';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { loadManifestOf, splitManifestUri } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Progress } from '../datasets/each-concurrently.js';
import { checkJob } from '../job-file/check-job.js';
import { checkTagName } from '../registry/tags.js';
import { rewound } from './change-cron.js';
import { lookUpCron, putCron } from './cron-store.js';
import { parseGate, usualGate } from './gate-parse.js';
import { type Pins, pinCron } from './pin-cron.js';
import { rehearseNight } from './rehearse-night.js';
import { checkSchedule, type Schedule } from './schedule.js';

/** Kubernetes looks every 10 s: with less than that a night may be missed for nothing. */
const LEAST_DEADLINE = 30;

export interface CronWords extends Schedule {
  readonly name: string;
  /** URI of the table; null: labels.csv in the data folder. */
  readonly labels: string | null;
  /** Manifest whose bags are the hold-out; null: the test bags of the job's manifest, or what is pinned already. */
  readonly holdOut: string | null;
  /** null: the usual one, of the job's metric. */
  readonly gate: string | null;
  readonly margin: number;
  readonly tag: string;
  readonly from: Cron['from'];
  readonly startingDeadline: number;
}

export interface AppliedCron {
  readonly cron: Cron;
  readonly data: NightData;
  readonly remarks: readonly string[];
}

export async function applyCron(args: {
  readonly runs: ObjectStore;
  readonly job: JobSpec;
  readonly words: CronWords;
  readonly now: Date;
  readonly progress: Progress;
}): Promise<AppliedCron> {
  const { runs, job, words, now, progress } = args;
  checkWords(job, words);
  const before = await lookUpCron(runs, words.name);
  const folder = job.data.folder ?? splitManifestUri(job.data.manifest).folder;
  const base = await loadManifestOf(job.data.manifest, job.data.folder, (uri) => openStore(uri, job.store));
  const pins = await checkAndPin(args, { base, folder, before: before?.value ?? null }).finally(() =>
    base.store.close(),
  );
  const cron: Cron = {
    schemaVersion: SCHEMA_VERSION,
    name: words.name,
    createdAt: before?.value.createdAt ?? now.toISOString(),
    appliedAt: now.toISOString(),
    clocks: rewound(before?.value ?? null, words, now),
    pauses: before?.value.pauses ?? [],
    startingDeadline: words.startingDeadline,
    job,
    data: { ...pins.data, labels: words.labels ?? `${folder.replace(/\/+$/, '')}/labels.csv` },
    holdOut: pins.holdOut,
    tag: words.tag,
    from: words.from,
    gate: words.gate ?? usualGate(job.validation.metric, words.margin),
    margin: words.margin,
  };
  const { data, remarks } = await rehearseNight(runs, cron, progress);
  await putCron(runs, cron, before?.etag ?? null);
  return { cron, data, remarks };
}

function checkWords(job: JobSpec, words: CronWords): void {
  checkSchedule(words);
  checkTagName(words.tag);
  if (words.gate !== null) parseGate(words.gate);
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(words.name))
    throw new BagfleetError('usage', 'is no name of a cron', {
      culprit: `--name ${words.name}`,
      hint: 'Lower-case letters, digits and dashes, at most 40.',
    });
  if (!(words.margin >= 0))
    throw new BagfleetError('usage', 'must be 0 or more', { culprit: `--margin ${words.margin}` });
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

/** What an earlier apply pinned stays, as long as the data lie there and nobody names another hold-out. */
async function checkAndPin(
  { runs, job, words, progress }: Parameters<typeof applyCron>[0],
  { base, folder, before }: { readonly base: Dataset; readonly folder: string; readonly before: Cron | null },
): Promise<Pins> {
  await checkJob(job, base);
  if (before && words.holdOut === null && before.data.folder === folder)
    return { data: before.data, holdOut: before.holdOut };
  return pinCron({
    runs,
    access: job.store,
    cron: words.name,
    base,
    folder,
    holdOut: words.holdOut,
    progress,
  });
}
