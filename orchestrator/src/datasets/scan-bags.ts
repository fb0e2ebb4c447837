/**
 * The bags of a folder, known by their headers: no bag is read in full.
 * In: a store. Out: id, key, size, version and shape of each bag's file, all checked; or an error that names the bag.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { BagFile } from '@bagfleet/worker/data/bag-file';
import type { FileHeader } from '@bagfleet/worker/data/formats/bag-format';
import { BAG_SUFFIXES, formatOf, requireFormat } from '@bagfleet/worker/data/formats/bag-formats';
import { bytesInStore } from '@bagfleet/worker/data/formats/byte-sources';
import { checkBagShape } from '@bagfleet/worker/data/read-bag';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from './each-concurrently.js';

export interface FoundBag {
  readonly id: string;
  readonly key: string;
  readonly bytes: number;
  /** Version of the content; a folder's are left out, since a copy of the folder has others. */
  readonly etag?: string;
}

export interface ScannedBag extends FoundBag {
  readonly instances: number;
}

/** All files of the folder and the folders below it that a format claims, by key; a bag's id is its file's name. */
export async function findBags(store: ObjectStore): Promise<FoundBag[]> {
  const found = new Map<string, FoundBag>();
  for await (const { key, bytes, etag } of store.list('')) {
    if (formatOf(key) === undefined) continue;
    const id = idOf(key);
    const twin = found.get(id);
    if (twin)
      throw new BagfleetError('manifest-invalid', `there is another file of that name: ${twin.key}`, {
        culprit: `bag ${id}, file ${key}`,
        hint: 'Rename one of them, and its row in the labels.',
      });
    found.set(id, { id, key, bytes, ...(store.uri.startsWith('s3://') ? { etag } : {}) });
  }
  if (found.size > 0) return [...found.values()];
  throw new BagfleetError('bag-missing', `there are no files of bags (${BAG_SUFFIXES.join(', ')})`, {
    culprit: store.uri,
    hint: 'Write one file per bag: an array of shape (instances, features).',
  });
}

/** A file's name without its folders and its ending. */
function idOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const suffix = BAG_SUFFIXES.find((ending) => name.toLowerCase().endsWith(ending)) ?? '';
  return name.slice(0, name.length - suffix.length);
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
    checkBagShape(headers[index], instanceShape, sourceOf(bag));
    return { ...bag, instances: headers[index].instances };
  });
  return { instanceShape, bags: scanned };
}

async function readHeader(store: ObjectStore, bag: FoundBag): Promise<FileHeader> {
  const source = sourceOf(bag);
  const opened = await requireFormat(source).open(bytesInStore(store, bag.key, bag.bytes), source);
  return opened.header;
}

/** The shape of most bags, so that an odd one is blamed and not the others; ties go to the first. */
function commonShape(headers: readonly FileHeader[]): number[] {
  const counts = new Map<string, number>();
  for (const { instances, instanceShape } of headers)
    if (instances !== 0) counts.set(instanceShape.join(','), (counts.get(instanceShape.join(',')) ?? 0) + 1);
  const [common] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [''];
  return common === '' ? [] : common.split(',').map(Number);
}

function sourceOf(bag: FoundBag): BagFile {
  return { bag: bag.id, file: bag.key };
}
