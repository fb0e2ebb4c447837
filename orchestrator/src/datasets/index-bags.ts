/**
 * A manifest for a folder of bags and their labels.
 * In: store, labels, how to split. Out: a DatasetManifest in which each bag has its label, and the bags that were left
 * out; or an error that names the bag, the file or the row. Writes nothing.
 */
import type { BagEntry, DatasetManifest, Split, Task } from '@bagfleet/proto/dataset-manifest';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { Progress } from './each-concurrently.js';
import { findBags, type LayoutWish } from './find-bags.js';
import { joinPatients } from './labels/join-patients.js';
import { readLabelFiles } from './labels/label-files.js';
import type { LabelTable } from './labels/labels-csv.js';
import { type LabelledBag, matchLabels } from './labels/match-labels.js';
import { refuseBadBags } from './refuse-bad-bags.js';
import { type BadBag, scanBags } from './scan-bags.js';
import { foldBags } from './splits/fold-bags.js';
import { splitBags } from './splits/split-bags.js';
import { type SplitFile, withSplits } from './splits/split-file.js';
import { splitRule } from './splits/split-rule.js';
import { READ_TARGETS } from './targets/read-targets.js';
import type { TargetWish } from './targets/targets.js';

export interface IndexOptions extends LayoutWish, TargetWish {
  readonly store: ObjectStore;
  /** null for labels that lie in files beside the bags. */
  readonly labels: LabelTable | null;
  readonly task: Task;
  /** The words of --split. */
  readonly split?: string | undefined;
  readonly splitFile?: SplitFile | undefined;
  /** Number of folds of a cross-validation. */
  readonly folds?: number | undefined;
  readonly bagBy: 'slide' | 'patient';
  /** Leaves out bags that can't be read. */
  readonly skipBad: boolean;
  readonly seed: number;
  /** Name of the dataset. */
  readonly name: string;
  readonly progress: Progress;
}

export interface IndexedBags {
  readonly manifest: DatasetManifest;
  /** Name of the layout. */
  readonly layout: string;
  readonly skipped: readonly BadBag[];
}

export async function indexBags(options: IndexOptions): Promise<IndexedBags> {
  const { store, task, name, progress } = options;
  const found = await findBags(store, options);
  const told = options.labels ?? (await readLabelFiles(store, found, progress));
  const labels = options.splitFile ? withSplits(told, options.splitFile) : told;
  const matched = matchLabels(found.bags, labels);
  const bags = options.bagBy === 'patient' ? joinPatients(matched, labels) : matched;
  const { classes, entries } = describeBags(bags, labels, options);

  const files = bags.map(({ bag }) => bag);
  const scanned = await scanBags(store, files, progress);
  if (!options.skipBad || scanned.bags.length === 0) refuseBadBags(scanned.bad, store.uri);
  const manifest: DatasetManifest = {
    schemaVersion: SCHEMA_VERSION,
    name,
    instanceShape: scanned.instanceShape,
    ...(task === 'classification' ? {} : { task }),
    classes,
    bags: scanned.bags.map((bag) => ({ ...bag, ...(entries.get(bag.id) as Described) })),
  };
  return { manifest, layout: found.layout, skipped: scanned.bad };
}

/** What the labels say of a bag. */
type Described = Pick<BagEntry, 'label' | 'targets' | 'split' | 'fold' | 'patient'>;

/** Bags that turn out to be bad have their places, too: a bag that is mended moves no other. */
function describeBags(bags: readonly LabelledBag[], labels: LabelTable, options: IndexOptions) {
  const { seed, folds } = options;
  const rows = bags.map(({ row }) => row);
  const { classes, labels: strata, targets } = READ_TARGETS[options.task](rows, labels, options);
  const stratified = rows.map(({ id, patient }, i) => ({ id, label: strata[i], patient }));
  const splits = splitBags(stratified, rows, splitRule(options.split, labels.hasSplits), seed, labels);
  const places = folds === undefined ? null : foldBags(stratified, folds, seed);
  const describe = ({ id, patient, fold: own }: (typeof rows)[number], i: number): Described => {
    const fold = places?.get(id) ?? own;
    return {
      label: strata[i],
      ...(targets ? { targets: [...targets[i]] } : {}),
      split: splits.get(id) as Split,
      ...(fold === undefined ? {} : { fold }),
      ...(patient === undefined ? {} : { patient }),
    };
  };
  return { classes, entries: new Map(rows.map((row, i) => [row.id, describe(row, i)])) };
}
