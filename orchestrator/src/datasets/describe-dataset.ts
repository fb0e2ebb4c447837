/**
 * What a dataset holds, in numbers. In: a manifest. Out: counts, class balance, targets, sizes. Pure.
 */
import {
  type BagEntry,
  type DatasetManifest,
  SPLITS,
  type Split,
  type Task,
  taskOf,
} from '@bagfleet/proto/dataset-manifest';
import { type Bin, histogram } from './histogram.js';
import { type Span, spanOf } from './span.js';

export interface SplitSummary {
  readonly split: Split;
  readonly bags: number;
  readonly instances: number;
  /** Patients that are known; 0 where bags name none. */
  readonly patients: number;
  /** Bags of each class, in the order of the classes (of survival the events; multilabel: bags that have it). */
  readonly perClass: readonly number[];
  /** Of regression each target, of survival the time. */
  readonly targets: readonly (Span & { readonly name: string })[];
}

export interface DatasetSummary {
  readonly name: string;
  readonly task: Task;
  readonly instanceShape: readonly number[];
  readonly classes: readonly string[];
  readonly bags: number;
  readonly instances: number;
  readonly bytes: number;
  readonly splits: readonly SplitSummary[];
  /** Number of folds of a cross-validation; 0 if there are none. */
  readonly folds: number;
  readonly bagSizes: Span & { readonly histogram: readonly Bin[] };
}

export function describeDataset(manifest: DatasetManifest): DatasetSummary {
  const { name, instanceShape, classes, bags } = manifest;
  const sizes = bags.map((bag) => bag.instances);
  return {
    name,
    task: taskOf(manifest),
    instanceShape,
    classes,
    bags: bags.length,
    instances: sum(sizes),
    bytes: sum(bags.map((bag) => bag.bytes)),
    splits: SPLITS.map((split) => summarize(split, manifest)).filter((summary) => summary.bags > 0),
    folds: new Set(bags.flatMap((bag) => bag.fold ?? [])).size,
    bagSizes: { ...spanOf(sizes), histogram: histogram(sizes) },
  };
}

function summarize(split: Split, manifest: DatasetManifest): SplitSummary {
  const inside = manifest.bags.filter((bag) => bag.split === split);
  return {
    split,
    bags: inside.length,
    instances: sum(inside.map((bag) => bag.instances)),
    patients: new Set(inside.flatMap(({ patient }) => patient ?? [])).size,
    perClass: perClass(inside, manifest),
    targets: targetsOf(inside, manifest),
  };
}

function perClass(bags: readonly BagEntry[], manifest: DatasetManifest): number[] {
  const task = taskOf(manifest);
  if (task === 'regression') return [];
  const has = (bag: BagEntry, place: number) =>
    task === 'multilabel' ? bag.targets?.[place] === 1 : bag.label === place;
  return manifest.classes.map((_, place) => bags.filter((bag) => has(bag, place)).length);
}

function targetsOf(bags: readonly BagEntry[], manifest: DatasetManifest): SplitSummary['targets'] {
  const task = taskOf(manifest);
  const names = task === 'regression' ? manifest.classes : task === 'survival' ? ['time'] : [];
  if (bags.length === 0) return [];
  return names.map((name, place) => ({ name, ...spanOf(bags.map(({ targets }) => targets?.[place] ?? 0)) }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
