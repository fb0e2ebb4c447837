/**
 * Makes a cron, or changes it: checks all that a user could have to mend before the first night, pins what must not
 * move (the hold-out, the sides of the bags that there are), writes the record.
 * In: a resolved job and the cron's words. Out: the record, what the first night would train on, and remarks.
 */
import { BagfleetError, type Cron, type JobSpec, type NightData, SCHEMA_VERSION } from '@bagfleet/proto';
import { withLabelMap } from '@bagfleet/worker/data/load-dataset';
import { type Dataset, loadManifestOf, splitManifestUri } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Progress } from '../datasets/each-concurrently.js';
import { checkJob } from '../job-file/check-job.js';
import { pinInitial } from '../submit/pin-initial.js';
import { rewound } from './change-cron.js';
import { lookUpCron, putCron } from './cron-store.js';
import { type CronWords, checkWords, gateOf } from './cron-words.js';
import { type Pins, pinCron } from './pin-cron.js';
import { rehearseNight } from './rehearse-night.js';

export interface CronRequest {
  readonly runs: ObjectStore;
  readonly job: JobSpec;
  readonly words: CronWords;
  readonly now: Date;
  readonly progress: Progress;
}

export interface AppliedCron {
  readonly cron: Cron;
  readonly data: NightData;
  readonly remarks: readonly string[];
}

export async function applyCron(request: CronRequest): Promise<AppliedCron> {
  const { runs, job, words, now, progress } = request;
  checkWords(job, words);
  const gate = gateOf(job, words);
  const before = await lookUpCron(runs, words.name);
  const checked = await checkAndPin(request, before?.value ?? null);
  const { folder } = checked.pins.data;
  const cron: Cron = {
    schemaVersion: SCHEMA_VERSION,
    name: words.name,
    createdAt: before?.value.createdAt ?? now.toISOString(),
    appliedAt: now.toISOString(),
    clocks: rewound(before?.value ?? null, words, now),
    pauses: before?.value.pauses ?? [],
    startingDeadline: words.startingDeadline,
    job: checked.job,
    data: { ...checked.pins.data, labels: words.labels ?? `${folder.replace(/\/+$/, '')}/labels.csv` },
    holdOut: checked.pins.holdOut,
    tag: words.tag,
    from: words.from,
    gate,
  };
  const { data, remarks } = await rehearseNight(runs, cron, progress);
  await putCron(runs, cron, before?.etag ?? null);
  return { cron, data, remarks };
}

async function checkAndPin(
  request: CronRequest,
  before: Cron | null,
): Promise<{ readonly job: JobSpec; readonly pins: Pins }> {
  const { job } = request;
  const { manifest, folder } = job.data;
  const base = await loadManifestOf(manifest, folder, (uri) => openStore(uri, job.store));
  try {
    refusePseudonyms(base);
    const labelled = withLabelMap(base, job.data.labelMap);
    await checkJob(job, labelled);
    const pinned = await pinInitial(job, labelled.manifest, '.');
    return { job: pinned, pins: await pinsOf(request, base, before) };
  } finally {
    base.store.close();
  }
}

/** A night indexes the folder itself, under the names that files have. */
function refusePseudonyms({ manifest, uri }: Dataset): void {
  if (!manifest.pseudonymized) return;
  throw new BagfleetError('manifest-invalid', 'it is pseudonymized, which nights of a cron can not keep up', {
    culprit: uri,
    hint: 'Give the files pseudonyms for names, and index them without --pseudonymize.',
  });
}

/** What an earlier apply pinned stays, as long as the data lie there and nobody names another hold-out. */
async function pinsOf(
  { runs, job, words, progress }: CronRequest,
  base: Dataset,
  before: Cron | null,
): Promise<Pins> {
  const folder = job.data.folder ?? splitManifestUri(job.data.manifest).folder;
  const { name: cron, holdOut } = words;
  if (before && holdOut === null && before.data.folder === folder)
    return { data: before.data, holdOut: before.holdOut };
  return pinCron({ runs, access: job.store, cron, base, folder, holdOut, progress });
}
