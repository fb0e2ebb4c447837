/**
 * One bag from the store into memory that compute threads share.
 * In: the store of the dataset's folder and a manifest entry. Out: a Bag of finite float32 values, or an
 * error that names the bag and its file and says what to do: bad input never trains.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { ObjectStore } from '../storage/object-store.js';
import type { Bag } from './bag.js';
import { type BagFile, bagError } from './bag-file.js';
import { makeNormalizer, type Normalization, type Normalizer } from './normalize.js';
import { checkNpyLength, type NpyHeader, readNpyHeader } from './npy-header.js';
import { npyToFloat32, npyValueAt } from './npy-values.js';

/** Values that are decoded before other work of the thread (heartbeats, transfers) gets its turn: 1-4 ms. */
const VALUES_PER_TURN = 1 << 20;
const INDEX_AGAIN = 'If the file is right, build the manifest again with `bagfleet data index`.';

export interface BagReader {
  read(entry: BagEntry, signal?: AbortSignal): Promise<Bag>;
}

/** A reader of one dataset's bags; wrong lengths of `normalize` are refused here, before any bag is read. */
export function bagReader(args: {
  store: ObjectStore;
  /** [features] or [height, width, channels]. */
  instanceShape: readonly number[];
  normalize: Normalization;
}): BagReader {
  const { store, instanceShape } = args;
  const normalizer = makeNormalizer(args.normalize, instanceShape);
  return {
    async read(entry, signal) {
      const file = await fetchBag(store, entry, signal);
      return decodeBag(file, entry, instanceShape, normalizer, signal);
    },
  };
}

async function fetchBag(
  store: ObjectStore,
  entry: BagEntry,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const { bytes } = await store.get(entry.key, signal ? { signal } : {});
    return bytes;
  } catch (thrown) {
    if (!(thrown instanceof BagfleetError && thrown.code === 'store-missing')) throw thrown;
    throw bagError(
      'bag-missing',
      sourceOf(entry),
      `it is not in ${store.uri}`,
      'Put the file there, or build the manifest again with `bagfleet data index`.',
      thrown,
    );
  }
}

/** Checks a bag's file against its manifest entry and decodes it: [instances, ...instanceShape] float32. */
export async function decodeBag(
  file: Uint8Array,
  entry: BagEntry,
  instanceShape: readonly number[],
  normalizer: Normalizer | null,
  signal?: AbortSignal,
): Promise<Bag> {
  const source = sourceOf(entry);
  const header = readNpyHeader(file, source);
  checkNpyLength(header, file.length, source);
  checkBagShape(header, instanceShape, source);
  checkAgainstManifest(header, file.length, entry, source);
  const width = instanceShape.reduce((product, size) => product * size, 1);
  const features = new Float32Array(new SharedArrayBuffer(entry.instances * width * 4)); // [instances, ...instanceShape]
  const perTurn = Math.max(1, Math.floor(VALUES_PER_TURN / width)) * width; // whole instances
  for (let first = 0; first < features.length; first += perTurn) {
    const part = features.subarray(first, Math.min(first + perTurn, features.length));
    npyToFloat32(file, header, first, part);
    refuseNotFinite(part, first, width, source, (index) => `holds ${npyValueAt(file, header, index)}`);
    if (normalizer) {
      normalizer(part);
      refuseNotFinite(part, first, width, source, () => 'is not finite once normalised');
    }
    if (first + perTurn < features.length) await letOthersRun(undefined, signal ? { signal } : {});
  }
  return { id: entry.id, instances: entry.instances, instanceShape, features };
}

/** Refuses empty bags and instances of another shape than the dataset's. */
export function checkBagShape(header: NpyHeader, instanceShape: readonly number[], source: BagFile): void {
  const [instances, ...shape] = header.shape;
  if (instances === 0)
    throw bagError(
      'bag-empty',
      source,
      'it has no instances',
      'Take the bag out of the dataset, or find out why its slide gave no tiles.',
    );
  const wanted = `(instances, ${instanceShape.join(', ')})`;
  if (
    header.shape.length !== instanceShape.length + 1 ||
    shape.some((size, axis) => size !== instanceShape[axis])
  )
    throw bagError(
      'bag-width',
      source,
      `its shape is (${header.shape.join(', ')}), the dataset's bags are ${wanted}`,
      'All bags of a dataset come from one feature extractor or tiler: make this one again.',
    );
}

function checkAgainstManifest(header: NpyHeader, bytes: number, entry: BagEntry, source: BagFile): void {
  const instances = header.shape[0];
  if (instances !== entry.instances)
    throw bagError(
      'bag-format',
      source,
      `it has ${instances} instances, the manifest says ${entry.instances}`,
      INDEX_AGAIN,
    );
  if (bytes !== entry.bytes)
    throw bagError(
      'bag-format',
      source,
      `it has ${bytes} bytes, the manifest says ${entry.bytes}`,
      INDEX_AGAIN,
    );
}

function refuseNotFinite(
  values: Float32Array,
  first: number,
  width: number,
  source: BagFile,
  what: (index: number) => string,
): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const index = first + i;
    const place = `instance ${Math.floor(index / width)}, value ${index % width}`;
    throw bagError(
      'bag-not-finite',
      source,
      `${place} ${what(index)}, which float32 training cannot use`,
      'Make the features of this bag again, or take the bag out of the dataset.',
    );
  }
}

function sourceOf(entry: BagEntry): BagFile {
  return { bag: entry.id, file: entry.key };
}
