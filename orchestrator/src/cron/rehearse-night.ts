/**
 * What the first night of a cron would see, without writing anything: what would fail there fails here.
 * In: a cron that is not written yet, whose hold-out and base are. Out: the counts, and remarks on what may not be meant.
 */
import type { Cron, DatasetManifest, NightData } from '@bagfleet/proto';
import { withLabelMap } from '@bagfleet/worker/data/load-dataset';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Progress } from '../datasets/each-concurrently.js';
import { listNights } from './cron-store.js';
import { parseGate } from './gate-parse.js';
import { precisionWords } from './gate-precision.js';
import { readHoldOut, sizeOf } from './hold-out.js';
import { indexNight, readCronManifest } from './night-data.js';
import { readLabelsAt } from './read-labels-at.js';
import { trainedBefore } from './seen-before.js';
import { patientsOf } from './sort-bags.js';

export interface Rehearsal {
  readonly data: NightData;
  readonly remarks: readonly string[];
}

/** A typical value, for what is said of a hold-out's precision before anything was measured on it. */
const TYPICAL = 0.9;

export async function rehearseNight(runs: ObjectStore, cron: Cron, progress: Progress): Promise<Rehearsal> {
  const access = cron.job.store;
  const [bags, store] = [
    await openStore(cron.holdOut.folder, access),
    await openStore(cron.data.folder, access),
  ];
  try {
    const held = await readHoldOut(runs, cron, bags);
    const holdOut = held.manifest;
    const base = await readCronManifest(runs, cron.name, cron.data.base);
    const labels = await readLabelsAt(cron.data.labels, access);
    const { data } = await indexNight({ cron, store, labels, base, holdOut, before: null, progress });
    const seen = await trainedBefore(runs, cron.name, await listNights(runs, cron.name), holdOut);
    const scored = withLabelMap(held, cron.job.data.labelMap);
    const remarks = remarksOn(cron, scored.manifest, patientsOf(holdOut, labels).size > 0);
    return { data, remarks: seen === null ? remarks : [...remarks, seen] };
  } finally {
    bags.close();
    store.close();
  }
}

function remarksOn({ gate }: Cron, holdOut: DatasetManifest, knowsPatients: boolean): string[] {
  const small = precisionWords(parseGate(gate), sizeOf(holdOut), () => TYPICAL);
  if (knowsPatients) return small;
  return [
    ...small,
    'no bag of the hold-out names its patient: a new slide of one of them cannot be told and would train',
  ];
}
