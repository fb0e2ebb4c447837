/**
 * A manifest for a folder of bags and a table of labels.
 * In: store, labels, how to split. Out: a DatasetManifest in which each bag has its label, or an error that
 * names the bag, the file or the row. Writes nothing.
 */
import type { BagEntry, DatasetManifest, Split } from '@bagfleet/proto/dataset-manifest';
import { SPLITS } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { classNames } from './class-names.js';
import type { Progress } from './each-concurrently.js';
import type { LabelRow, LabelTable } from './labels-csv.js';
import { type FoundBag, findBags, scanBags } from './scan-bags.js';
import type { SplitRule } from './split-rule.js';
import { type StratifiedBag, stratify } from './stratify.js';

export interface IndexOptions {
  readonly store: ObjectStore;
  readonly labels: LabelTable;
  readonly split: SplitRule;
  /** Name of the positive class, where there are two. */
  readonly positive?: string | undefined;
  readonly seed: number;
  /** Name of the dataset. */
  readonly name: string;
  readonly progress: Progress;
}

export async function indexBags(options: IndexOptions): Promise<DatasetManifest> {
  const { store, labels, split, positive, seed, name, progress } = options;
  const found = await findBags(store);
  const rows = matchLabels(found, labels);
  const classes = classNames(
    [...rows.values()].map((row) => row.label),
    positive,
    labels.file,
  );
  const labelled = [...rows.values()].map((row) => ({ ...row, label: classes.indexOf(row.label) }));
  const splits = splitsOf(labelled, rows, split, seed, labels.file);
  const { instanceShape, bags } = await scanBags(store, found, progress);
  const entries = bags.map((bag): BagEntry => {
    const { label, fold, patient } = rows.get(bag.id) as LabelRow;
    return {
      ...bag,
      label: classes.indexOf(label),
      split: splits.get(bag.id) as Split,
      ...(fold === undefined ? {} : { fold }),
      ...(patient === undefined ? {} : { patient }),
    };
  });
  return { schemaVersion: SCHEMA_VERSION, name, instanceShape, classes, bags: entries };
}

/** The row of each bag: no bag without a label, no label without a bag. */
function matchLabels(bags: readonly FoundBag[], labels: LabelTable): Map<string, LabelRow> {
  const byId = new Map(labels.rows.map((row) => [row.id, row]));
  const unlabelled = bags.filter(({ id }) => !byId.has(id));
  if (unlabelled.length > 0)
    throw new BagfleetError(
      'label-missing',
      `${labels.file} has no row for it${andMore(unlabelled.length)}`,
      {
        culprit: `bag ${unlabelled[0].id}, file ${unlabelled[0].key}`,
        hint: `Add a row with the id ${unlabelled[0].id} and its label, or move the file out of the folder.`,
      },
    );
  const ids = new Set(bags.map(({ id }) => id));
  const orphans = labels.rows.filter(({ id }) => !ids.has(id));
  if (orphans.length > 0)
    throw new BagfleetError('label-orphan', `there is no bag ${orphans[0].id}${andMore(orphans.length)}`, {
      culprit: `${labels.file}, line ${orphans[0].line}`,
      hint: `Put ${orphans[0].id}.npy into the folder, or take the row out.`,
    });
  return new Map(bags.map(({ id }) => [id, byId.get(id) as LabelRow]));
}

function andMore(count: number): string {
  return count > 1 ? ` (and ${count - 1} more like it)` : '';
}

function splitsOf(
  bags: readonly StratifiedBag[],
  rows: ReadonlyMap<string, LabelRow>,
  rule: SplitRule,
  seed: number,
  file: string,
): ReadonlyMap<string, Split> {
  if (rule.kind === 'column')
    return new Map([...rows].map(([id, row]) => [id, row.split ?? noSplit(row, file)]));
  const parts = stratify(
    bags,
    SPLITS.map((split) => rule.shares[split]),
    seed,
  );
  return new Map([...parts].map(([id, part]) => [id, SPLITS[part]]));
}

function noSplit(row: LabelRow, file: string): never {
  throw new BagfleetError('manifest-invalid', `bag ${row.id} has an empty split`, {
    culprit: `${file}, line ${row.line}`,
    hint: 'Fill in train, val or test, or have all bags split by --split train=0.7,val=0.15,test=0.15.',
  });
}
