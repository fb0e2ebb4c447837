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
import { findBags } from '../datasets/find-bags.js';
import type { LabelTable } from '../datasets/labels/labels-csv.js';
import { type FoundBag, filesOf } from '../datasets/layouts/layout.js';
import { manifestBytes } from '../datasets/manifest-file.js';
import { refuseBadBags } from '../datasets/refuse-bad-bags.js';
import { type ScannedBag, scanBags } from '../datasets/scan-bags.js';
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
  const sorted = sortBags((await findBags(store)).bags, labels, rules);
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

/** Files of the same names and sizes as before are taken to be the same. */
async function entriesOf(
  participants: readonly Participant[],
  earlier: readonly (DatasetManifest | null)[],
  store: ObjectStore,
  instanceShape: readonly number[],
  progress: Progress,
): Promise<BagEntry[]> {
  const before = earlier.flatMap((manifest) => manifest?.bags ?? []);
  const known = new Map(before.map((bag) => [contentOf(bag), bag]));
  const unknown = participants.filter(({ bag }) => !known.has(contentOf(bag))).map(({ bag }) => bag);
  const scanned = await scanBags(store, unknown, progress);
  refuseBadBags(scanned.bad, store.uri);
  refuseOtherShape(scanned.instanceShape, instanceShape, unknown);
  const fresh = new Map(scanned.bags.map((bag) => [contentOf(bag), bag]));
  return participants.map(({ bag, label, split, patient }) => {
    const same = known.get(contentOf(bag));
    return {
      ...(same ? withInstances(bag, same) : (fresh.get(contentOf(bag)) as ScannedBag)),
      label,
      split,
      ...(patient === undefined ? {} : { patient }),
    };
  });
}

/** The bag as it lies there now, with what is known of its headers. */
function withInstances({ parts, ...bag }: FoundBag, known: BagEntry): ScannedBag {
  const counted = parts?.map((part, i) => ({ ...part, instances: known.parts?.[i].instances as number }));
  return { ...bag, instances: known.instances, ...(counted && { parts: counted }) };
}

function contentOf(bag: FoundBag): string {
  const objects = filesOf(bag).flatMap((file) => [file, file.coords, file.instanceLabels, file.edges]);
  return objects.map((object) => (object ? `${object.bytes} ${object.key}` : '')).join('\n');
}

function nobodyTrains(uri: string, { waiting, heldBack }: SortedBags): BagfleetError {
  return new BagfleetError(
    'manifest-invalid',
    `no bag of it trains: ${waiting.length} wait for a label or a patient, ${heldBack.length} are held back`,
    { culprit: uri, hint: 'Add labelled bags of patients that the hold-out does not have.' },
  );
}
