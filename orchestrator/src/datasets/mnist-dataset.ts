/**
 * MNIST-bags in a store: one .npy file of uint8 [digits, 28, 28, 1] per bag, digits.json, manifest.json last.
 * In: a store, settings, the digits. Out: the manifest; the same settings give the same bytes.
 * What is there already and complete is used again; a folder that holds anything else is refused.
 */
import { createHash } from 'node:crypto';
import type { DatasetManifest, Split } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import { MANIFEST_FILE } from '@bagfleet/worker/data/load-manifest';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from './each-concurrently.js';
import { manifestBytes } from './manifest-file.js';
import { type MnistBag, type MnistBagsSettings, planMnistBags } from './mnist-bags.js';
import { DIGIT_PIXELS, type MnistDigits } from './mnist-digits.js';

/** Which digit each instance shows: for pictures of what a model looks at, never for training. */
export const DIGITS_FILE = 'digits.json';

export interface PreparedMnistBags {
  readonly manifest: DatasetManifest;
  readonly manifestFile: Uint8Array;
  /** True if all of it was there already. */
  readonly reused: boolean;
}

export async function prepareMnistBags(args: {
  store: ObjectStore;
  settings: MnistBagsSettings;
  digits: MnistDigits;
  progress: Progress;
}): Promise<PreparedMnistBags> {
  const { store, settings, digits, progress } = args;
  const labels = { train: digits.train.labels, test: digits.test.labels };
  const bags = planMnistBags(settings, labels);
  const files = new Map(bags.map((bag) => [keyOf(bag), npyOf(bag, digits)]));
  const manifest = manifestOf(bags, files);
  const manifestFile = manifestBytes(manifest);
  const finished = { manifest, manifestFile };

  if (await isComplete(store, files, manifestFile)) return { ...finished, reused: true };
  const write = ([key, bytes]: [string, Uint8Array]) => store.put(key, bytes);
  await eachConcurrently([...files], write, { label: 'writing bags', progress });
  await store.put(DIGITS_FILE, digitsFile(bags, labels));
  await store.put(MANIFEST_FILE, manifestFile);
  return { ...finished, reused: false };
}

/** What was made, for people and programs. */
export interface MnistBagsReport {
  readonly manifest: string;
  readonly sha256: string;
  readonly reused: boolean;
  readonly trainBags: number;
  readonly valBags: number;
  readonly testBags: number;
  /** Test bags that hold a 9. */
  readonly testPositives: number;
  readonly digits: number;
  readonly bytes: number;
}

export function mnistBagsReport(store: ObjectStore, prepared: PreparedMnistBags): MnistBagsReport {
  const { bags } = prepared.manifest;
  const inSplit = (split: Split) => bags.filter((bag) => bag.split === split);
  return {
    manifest: `${store.uri}/${MANIFEST_FILE}`,
    sha256: createHash('sha256').update(prepared.manifestFile).digest('hex'),
    reused: prepared.reused,
    trainBags: inSplit('train').length,
    valBags: inSplit('val').length,
    testBags: inSplit('test').length,
    testPositives: inSplit('test').filter((bag) => bag.label === 1).length,
    digits: bags.reduce((sum, bag) => sum + bag.instances, 0),
    bytes: bags.reduce((sum, bag) => sum + bag.bytes, 0),
  };
}

/** Nothing there: false. This dataset in full: true. Half of it, as an interrupted run leaves it: false. */
async function isComplete(
  store: ObjectStore,
  files: ReadonlyMap<string, Uint8Array>,
  manifestFile: Uint8Array,
): Promise<boolean> {
  const there = new Map<string, number>();
  for await (const { key, bytes } of store.list('')) {
    if (!files.has(key) && key !== DIGITS_FILE && key !== MANIFEST_FILE) throw otherContent(store, key);
    there.set(key, bytes);
  }
  if (there.has(MANIFEST_FILE) && !Buffer.from((await store.get(MANIFEST_FILE)).bytes).equals(manifestFile))
    throw otherContent(store, MANIFEST_FILE);
  const whole = [...files].every(([key, { length }]) => there.get(key) === length);
  return whole && there.has(DIGITS_FILE) && there.has(MANIFEST_FILE);
}

function otherContent(store: ObjectStore, key: string): BagfleetError {
  return new BagfleetError('usage', `the folder holds ${key}, which is not of these MNIST-bags`, {
    culprit: store.uri,
    hint: 'Name an empty folder with --to, or give the seed and numbers of bags that it was made with.',
  });
}

function keyOf(bag: MnistBag): string {
  return `bags/${bag.id}.npy`;
}

function npyOf(bag: MnistBag, digits: MnistDigits): Uint8Array {
  const { images } = bag.split === 'test' ? digits.test : digits.train;
  const pixels = new Uint8Array(bag.digits.length * DIGIT_PIXELS); // [digits, 28, 28, 1]
  for (const [place, digit] of bag.digits.entries())
    pixels.set(images.subarray(digit * DIGIT_PIXELS, (digit + 1) * DIGIT_PIXELS), place * DIGIT_PIXELS);
  return writeNpy(pixels, [bag.digits.length, 28, 28, 1]);
}

function manifestOf(bags: readonly MnistBag[], files: ReadonlyMap<string, Uint8Array>): DatasetManifest {
  return {
    schemaVersion: SCHEMA_VERSION,
    name: 'mnist-bags',
    instanceShape: [28, 28, 1],
    classes: ['without a 9', 'with a 9'],
    bags: bags.map((bag) => ({
      id: bag.id,
      key: keyOf(bag),
      bytes: files.get(keyOf(bag))?.length ?? 0,
      instances: bag.digits.length,
      label: bag.label,
      split: bag.split,
    })),
  };
}

function digitsFile(bags: readonly MnistBag[], labels: { train: Uint8Array; test: Uint8Array }): Uint8Array {
  const rows = bags.map((bag) => {
    const from = bag.split === 'test' ? labels.test : labels.train;
    return `  ${JSON.stringify(bag.id)}: ${JSON.stringify(Array.from(bag.digits, (digit) => from[digit]))}`;
  });
  return Buffer.from(`{\n${rows.join(',\n')}\n}\n`);
}
