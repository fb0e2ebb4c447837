/**
 * What a dataset holds and what looks wrong in it, before anything trains on it.
 * In: a manifest, the sizes of the objects in its folder, groups of bags with the same content.
 * Out: counts, sizes, warnings. Pure.
 * Warnings name bags by their ids and nothing else of a patient.
 */
import { type BagEntry, type DatasetManifest, SPLITS, type Split } from '@bagfleet/proto/dataset-manifest';
import { groupsBy } from './groups-by.js';
import { type Bin, histogram } from './histogram.js';

export interface SplitSummary {
  readonly split: Split;
  readonly bags: number;
  readonly instances: number;
  /** Bags of each class, in the order of the classes. */
  readonly perClass: readonly number[];
}

export interface DatasetSummary {
  readonly name: string;
  readonly instanceShape: readonly number[];
  readonly classes: readonly string[];
  readonly bags: number;
  readonly instances: number;
  readonly bytes: number;
  readonly splits: readonly SplitSummary[];
  /** Number of folds of a cross-validation; 0 if there are none. */
  readonly folds: number;
  readonly bagSizes: {
    readonly smallest: number;
    readonly median: number;
    readonly largest: number;
    readonly histogram: readonly Bin[];
  };
  readonly warnings: readonly string[];
}

export function describeDataset(
  manifest: DatasetManifest,
  folder: ReadonlyMap<string, number>,
  duplicates: readonly (readonly BagEntry[])[],
): DatasetSummary {
  const { name, instanceShape, classes, bags } = manifest;
  const sizes = bags.map((bag) => bag.instances).sort((a, b) => a - b);
  return {
    name,
    instanceShape,
    classes,
    bags: bags.length,
    instances: sum(sizes),
    bytes: sum(bags.map((bag) => bag.bytes)),
    splits: SPLITS.map((split) => summarize(split, bags, classes.length)).filter(
      (summary) => summary.bags > 0,
    ),
    folds: new Set(bags.flatMap((bag) => bag.fold ?? [])).size,
    bagSizes: {
      smallest: sizes[0],
      median: median(sizes),
      largest: sizes[sizes.length - 1],
      histogram: histogram(sizes),
    },
    warnings: [
      ...missing(bags, folder),
      ...duplicates.map(sameContent),
      ...sharedPatients(bags),
      ...absentClasses(manifest),
    ],
  };
}

function summarize(split: Split, bags: readonly BagEntry[], classes: number): SplitSummary {
  const inside = bags.filter((bag) => bag.split === split);
  const perClass = Array.from(
    { length: classes },
    (_, label) => inside.filter((bag) => bag.label === label).length,
  );
  return { split, bags: inside.length, instances: sum(inside.map((bag) => bag.instances)), perClass };
}

function missing(bags: readonly BagEntry[], folder: ReadonlyMap<string, number>): string[] {
  return bags.flatMap(({ id, key, bytes }) => {
    const there = folder.get(key);
    if (there === undefined) return [`bag ${id}: ${key} is not there`];
    return there === bytes ? [] : [`bag ${id}: ${key} has ${there} bytes, the manifest says ${bytes}`];
  });
}

function sameContent(group: readonly BagEntry[]): string {
  return `${listed(group)} have the same content${acrossSplits(group)}`;
}

function sharedPatients(bags: readonly BagEntry[]): string[] {
  const known = bags.filter((bag) => bag.patient !== undefined);
  const byPatient = groupsBy(known, (bag) => bag.patient ?? '');
  const torn = (part: (bag: BagEntry) => unknown) => (group: BagEntry[]) => new Set(group.map(part)).size > 1;
  return [
    ...byPatient
      .filter(torn((bag) => bag.split))
      .map((group) => `${listed(group)} are of one patient${acrossSplits(group)}`),
    ...byPatient
      .filter(torn((bag) => bag.fold))
      .map((group) => `${listed(group)} are of one patient, but of several folds`),
  ];
}

function absentClasses({ bags, classes }: DatasetManifest): string[] {
  const used = SPLITS.filter((split) => bags.some((bag) => bag.split === split));
  return used.flatMap((split) =>
    classes
      .filter((_, label) => !bags.some((bag) => bag.split === split && bag.label === label))
      .map((name) => `${split} has no bag of class ${name}`),
  );
}

function acrossSplits(group: readonly BagEntry[]): string {
  const splits = SPLITS.filter((split) => group.some((bag) => bag.split === split));
  return splits.length > 1 ? `, but lie in ${splits.join(' and ')}: scores will be too good` : '';
}

const MOST_LISTED = 4;

function listed(group: readonly BagEntry[]): string {
  const names = group.slice(0, MOST_LISTED).map((bag) => bag.id);
  const more = group.length > MOST_LISTED ? ` and ${group.length - MOST_LISTED} more` : '';
  return `bags ${names.join(', ')}${more}`;
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
