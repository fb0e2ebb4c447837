/**
 * The bags of a folder, known by their headers: no bag is read in full.
 * In: a store. Out: id, key, size and shape of each .npy file, all checked; or an error that names the bag.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '@bagfleet/worker/data/bag-file';
import {
  checkNpyLength,
  NPY_PREFIX_BYTES,
  type NpyHeader,
  npyDataStart,
  readNpyHeader,
} from '@bagfleet/worker/data/npy-header';
import { checkBagShape } from '@bagfleet/worker/data/read-bag';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from './each-concurrently.js';

export interface FoundBag {
  readonly id: string;
  readonly key: string;
  readonly bytes: number;
}

export interface ScannedBag extends FoundBag {
  readonly instances: number;
}

const SUFFIX = '.npy';

/** All .npy files of the folder and the folders below it, by key; a bag's id is its file's name. */
export async function findBags(store: ObjectStore): Promise<FoundBag[]> {
  const found = new Map<string, FoundBag>();
  for await (const { key, bytes } of store.list('')) {
    if (!key.endsWith(SUFFIX)) continue;
    const id = key.slice(key.lastIndexOf('/') + 1, -SUFFIX.length);
    const twin = found.get(id);
    if (twin)
      throw new BagfleetError('manifest-invalid', `there is another file of that name: ${twin.key}`, {
        culprit: `bag ${id}, file ${key}`,
        hint: 'Rename one of them, and its row in the labels.',
      });
    found.set(id, { id, key, bytes });
  }
  if (found.size > 0) return [...found.values()];
  throw new BagfleetError('bag-missing', 'there are no .npy files', {
    culprit: store.uri,
    hint: 'Write one .npy file per bag: an array of shape (instances, features).',
  });
}

/** Reads and checks the headers; the instance shape is the one that most bags have. */
export async function scanBags(
  store: ObjectStore,
  bags: readonly FoundBag[],
  progress: Progress,
): Promise<{ instanceShape: number[]; bags: ScannedBag[] }> {
  const read = (bag: FoundBag) => readHeader(store, bag);
  const headers = await eachConcurrently(bags, read, { label: 'reading headers', progress });
  const instanceShape = commonShape(headers);
  const scanned = bags.map((bag, index) => {
    const header = headers[index];
    checkNpyLength(header, bag.bytes, sourceOf(bag));
    checkBagShape(header, instanceShape, sourceOf(bag));
    return { ...bag, instances: header.shape[0] };
  });
  return { instanceShape, bags: scanned };
}

async function readHeader(store: ObjectStore, bag: FoundBag): Promise<NpyHeader> {
  const source = sourceOf(bag);
  const prefix = await readStart(store, bag.key, NPY_PREFIX_BYTES);
  const needed = npyDataStart(prefix, source);
  const whole = needed > prefix.length && prefix.length === NPY_PREFIX_BYTES;
  const header = readNpyHeader(whole ? await readStart(store, bag.key, needed) : prefix, source);
  if (header.shape.length < 2 || header.shape.length > 4)
    if (header.shape[0] !== 0) throw wrongAxes(header, source);
  return header;
}

async function readStart(store: ObjectStore, key: string, length: number): Promise<Uint8Array> {
  return (await store.get(key, { range: { start: 0, length } })).bytes;
}

function wrongAxes(header: NpyHeader, source: BagFile): BagfleetError {
  return bagError(
    'bag-width',
    source,
    `its shape is (${header.shape.join(', ')})`,
    'A bag is (instances, features) or (instances, height, width, channels): save it again in that shape.',
  );
}

/** The shape of most bags, so that an odd one is blamed and not the others; ties go to the first. */
function commonShape(headers: readonly NpyHeader[]): number[] {
  const counts = new Map<string, number>();
  for (const { shape } of headers.filter(({ shape }) => shape[0] !== 0))
    counts.set(shape.slice(1).join(','), (counts.get(shape.slice(1).join(',')) ?? 0) + 1);
  const [common] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [''];
  return common === '' ? [] : common.split(',').map(Number);
}

function sourceOf(bag: FoundBag): BagFile {
  return { bag: bag.id, file: bag.key };
}
