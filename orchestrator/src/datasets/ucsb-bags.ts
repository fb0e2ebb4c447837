/**
 * The UCSB breast-cancer bags: 58 histology images, 2,002 patches of 708 features, 26 images malignant.
 * In: ucsb_breast_cancer.csv of the Python package mil (no header; bag label, bag id, features).
 * Out: bags of standardised float32 features, and manifests with ten stratified folds.
 */
import type { BagEntry, DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { parse } from 'csv-parse/sync';
import { stratify } from './splits/stratify.js';

const FEATURES = 708;
const FOLDS = 10;

export interface UcsbBag {
  readonly id: string;
  readonly label: 0 | 1;
  /** [instances, 708], as in the file. */
  readonly rows: readonly Float64Array[];
}

export function readUcsb(csv: string): UcsbBag[] {
  const bags = new Map<string, { id: string; label: 0 | 1; rows: Float64Array[] }>();
  for (const [label, bag, ...features] of parse(csv) as string[][]) {
    const row = Float64Array.from(features, Number);
    if (row.length !== FEATURES || !/^[01]$/.test(label) || !row.every(Number.isFinite))
      throw new BagfleetError('bag-format', `it is not the file that this was written for`, {
        culprit: `ucsb_breast_cancer.csv, bag ${bag}`,
        hint: 'It comes with version 1.0.5 of the Python package mil.',
      });
    const id = `ucsb-${bag.padStart(2, '0')}`;
    const known = bags.get(id) ?? { id, label: label === '1' ? 1 : 0, rows: [] };
    known.rows.push(row);
    bags.set(id, known);
  }
  return [...bags.values()];
}

/** .npy files by key: each feature minus its mean, divided by its standard deviation, over all patches. */
export function ucsbFiles(bags: readonly UcsbBag[]): Map<string, Uint8Array> {
  const patches = bags.flatMap((bag) => bag.rows);
  const mean = columns((at) => patches.reduce((sum, row) => sum + row[at], 0) / patches.length);
  const variance = columns(
    (at) => patches.reduce((sum, row) => sum + (row[at] - mean[at]) ** 2, 0) / patches.length,
  );
  const deviation = variance.map((value) => Math.sqrt(value) || 1); // 30 features are constant: they become 0
  const scaled = (row: Float64Array) => row.map((value, at) => (value - mean[at]) / deviation[at]);
  return new Map(
    bags.map((bag) => [keyOf(bag), writeNpy(flat(bag.rows.map(scaled)), [bag.rows.length, FEATURES])]),
  );
}

/** All bags train; the folds say which are tested in which turn. Another seed deals other folds. */
export function ucsbManifest(
  bags: readonly UcsbBag[],
  files: ReadonlyMap<string, Uint8Array>,
  seed: number,
): DatasetManifest {
  const folds = stratify(bags, new Array<number>(FOLDS).fill(1 / FOLDS), seed);
  const entries = bags.map(
    (bag): BagEntry => ({
      id: bag.id,
      key: keyOf(bag),
      bytes: files.get(keyOf(bag))?.length ?? 0,
      instances: bag.rows.length,
      label: bag.label,
      split: 'train',
      fold: folds.get(bag.id) ?? 0,
    }),
  );
  return {
    schemaVersion: SCHEMA_VERSION,
    name: 'ucsb-breast-cancer',
    instanceShape: [FEATURES],
    classes: ['benign', 'malignant'],
    bags: entries,
  };
}

function keyOf(bag: UcsbBag): string {
  return `bags/${bag.id}.npy`;
}

function columns(value: (at: number) => number): Float64Array {
  return Float64Array.from({ length: FEATURES }, (_, at) => value(at));
}

function flat(rows: readonly Float64Array[]): Float32Array {
  const values = new Float32Array(rows.length * FEATURES);
  for (const [i, row] of rows.entries()) values.set(row, i * FEATURES);
  return values;
}
