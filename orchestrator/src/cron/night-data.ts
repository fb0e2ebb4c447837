/**
 * What a night trains on: the data folder as it is now, against what the cron was made with.
 * In: the cron, its folder and labels, the hold-out, the manifest of the last night that decided. Out: a manifest of
 * all bags that train and validate, and counts of what is new and of what does not take part. Only headers of bags
 * that are new are read.
 */
import {
  type BagEntry,
  BagfleetError,
  type Cron,
  cronManifestFile,
  type DatasetManifest,
  type NightData,
  parseDatasetManifest,
} from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { Progress } from '../datasets/each-concurrently.js';
import type { LabelTable } from '../datasets/labels-csv.js';
import { manifestBytes } from '../datasets/manifest-file.js';
import { findBags, scanBags } from '../datasets/scan-bags.js';
import { changesOf } from './data-changes.js';
import { sha256 } from './hold-out.js';
import { refuseOtherShape } from './refuse-other-shape.js';
import { type Participant, refuseRelabelled, type SortedBags, sortBags } from './sort-bags.js';

export interface NightDataParts {
  readonly cron: Cron;
  /** The data folder. */
  readonly store: ObjectStore;
  readonly labels: LabelTable;
  readonly base: DatasetManifest;
  readonly holdOut: DatasetManifest;
  /** What the last night that decided trained on; null for none. */
  readonly before: DatasetManifest | null;
  readonly progress: Progress;
}

export interface IndexedNight {
  readonly data: NightData;
  readonly manifest: DatasetManifest;
  readonly bytes: Uint8Array;
}

export async function indexNight(parts: NightDataParts): Promise<IndexedNight> {
  const { cron, store, labels, base, holdOut, before, progress } = parts;
  refuseRelabelled(labels, holdOut);
  const rules = { base, holdOut, seed: cron.job.seed, splitsValidation: cron.job.data.validation === null };
  const sorted = sortBags(await findBags(store), labels, rules);
  if (!sorted.participants.some(({ split }) => split === 'train')) throw nobodyTrains(store.uri, sorted);
  const bags = await entriesOf(sorted.participants, [before, base], store, base.instanceShape, progress);
  const manifest = { ...base, name: cron.name, bags };
  const bytes = manifestBytes(manifest);
  const count = (split: BagEntry['split']) => bags.filter((bag) => bag.split === split).length;
  const data: NightData = {
    manifest: sha256(bytes),
    train: count('train'),
    val: count('val'),
    ...changesOf(before?.bags ?? [], bags),
    waiting: sorted.waiting.length,
    heldBack: sorted.heldBack.length,
    labelsAlone: sorted.labelsAlone,
  };
  return { data, manifest, bytes };
}

/** A manifest that is kept under the digest that names it. */
export async function readCronManifest(
  runs: ObjectStore,
  cron: string,
  digest: string,
): Promise<DatasetManifest> {
  const key = cronManifestFile(cron, digest);
  const { bytes } = await runs.get(key);
  return parseDatasetManifest(JSON.parse(new TextDecoder().decode(bytes)), `${runs.uri}/${key}`);
}

/** A file of the same name and size as before is taken to be the same. */
async function entriesOf(
  participants: readonly Participant[],
  earlier: readonly (DatasetManifest | null)[],
  store: ObjectStore,
  instanceShape: readonly number[],
  progress: Progress,
): Promise<BagEntry[]> {
  const known = new Map(earlier.flatMap((manifest) => manifest?.bags ?? []).map((bag) => [fileOf(bag), bag]));
  const unknown = participants.filter(({ bag }) => !known.has(fileOf(bag))).map(({ bag }) => bag);
  const scanned = await scanBags(store, unknown, progress);
  refuseOtherShape(scanned.instanceShape, instanceShape, unknown);
  const instances = new Map(scanned.bags.map((bag) => [fileOf(bag), bag.instances]));
  return participants.map(({ bag, label, split, patient }) => ({
    ...bag,
    instances: known.get(fileOf(bag))?.instances ?? (instances.get(fileOf(bag)) as number),
    label,
    split,
    ...(patient === undefined ? {} : { patient }),
  }));
}

function fileOf({ key, bytes }: { readonly key: string; readonly bytes: number }): string {
  return `${bytes} ${key}`;
}

function nobodyTrains(uri: string, { waiting, heldBack }: SortedBags): BagfleetError {
  return new BagfleetError(
    'manifest-invalid',
    `no bag of it trains: ${waiting.length} wait for a label or a patient, ${heldBack.length} are held back`,
    { culprit: uri, hint: 'Add labelled bags of patients that the hold-out does not have.' },
  );
}
