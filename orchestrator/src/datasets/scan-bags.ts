/**
 * The bags of a folder, known by their headers: no bag is read in full.
 * In: a store and the bags found in it. Out: each file's number of instances, all checked; and which bags can't be read,
 * each with the error that names it.
 */
import type { BagPart } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { BagFile } from '@bagfleet/worker/data/bag-file';
import type { FileHeader } from '@bagfleet/worker/data/formats/bag-format';
import { requireFormat } from '@bagfleet/worker/data/formats/bag-formats';
import { bytesInStore } from '@bagfleet/worker/data/formats/byte-sources';
import { checkBagShape } from '@bagfleet/worker/data/read-bag';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from './each-concurrently.js';
import { type FoundBag, type FoundFile, filesOf } from './layouts/layout.js';

/** What a manifest says of a bag's files. */
export interface ScannedBag extends FoundBag {
  readonly instances: number;
  readonly parts?: BagPart[];
}

export interface BadBag {
  readonly id: string;
  /** Code `bag-…`. */
  readonly error: BagfleetError;
}

export interface ScannedBags {
  /** The one that most files have; empty where no bag can be read. */
  readonly instanceShape: number[];
  readonly bags: readonly ScannedBag[];
  readonly bad: readonly BadBag[];
}

type Scanned = { readonly file: BagFile; readonly header: FileHeader } | { readonly error: BagfleetError };

/** Reads and checks the headers. @throws BagfleetError where the store itself fails */
export async function scanBags(
  store: ObjectStore,
  bags: readonly FoundBag[],
  progress: Progress,
): Promise<ScannedBags> {
  const files = bags.flatMap((bag) => filesOf(bag).map((file) => ({ bag, file })));
  const read = ({ bag, file }: (typeof files)[number]) => readHeader(store, bag.id, file);
  const headers = await eachConcurrently(files, read, { label: 'reading headers', progress });
  const instanceShape = commonShape(headers.flatMap((each) => ('header' in each ? [each.header] : [])));
  const checked = headers.map((each) => withShape(each, instanceShape));
  const good: ScannedBag[] = [];
  const bad: BadBag[] = [];
  let at = 0;
  for (const bag of bags) {
    const own = checked.slice(at, at + filesOf(bag).length);
    at += own.length;
    const wrong = own.find((each) => 'error' in each);
    if (wrong && 'error' in wrong) bad.push({ id: bag.id, error: wrong.error });
    else
      good.push(
        scannedBag(
          bag,
          own.map((each) => ('header' in each ? each.header.instances : 0)),
        ),
      );
  }
  return { instanceShape, bags: good, bad };
}

function scannedBag(bag: FoundBag, instances: readonly number[]): ScannedBag {
  const { parts, ...rest } = bag;
  return {
    ...rest,
    instances: instances.reduce((sum, count) => sum + count, 0),
    ...(parts && { parts: parts.map((part, i): BagPart => ({ ...part, instances: instances[i] })) }),
  };
}

/** What is wrong with a file is told later, with what is wrong with others. */
async function readHeader(store: ObjectStore, bag: string, { key, bytes }: FoundFile): Promise<Scanned> {
  const file: BagFile = { bag, file: key };
  try {
    const opened = await requireFormat(file).open(bytesInStore(store, key, bytes), file);
    return { file, header: opened.header };
  } catch (thrown) {
    return { error: badBag(thrown) };
  }
}

function withShape(scanned: Scanned, instanceShape: readonly number[]): Scanned {
  if ('error' in scanned) return scanned;
  try {
    checkBagShape(scanned.header, instanceShape, scanned.file);
    return scanned;
  } catch (thrown) {
    return { error: badBag(thrown) };
  }
}

/** The error of a bag's file; any other goes on. */
function badBag(thrown: unknown): BagfleetError {
  if (thrown instanceof BagfleetError && thrown.code.startsWith('bag-')) return thrown;
  throw thrown;
}

/** The shape of most files, so that an odd one is blamed and not the others; ties go to the first. */
function commonShape(headers: readonly FileHeader[]): number[] {
  const counts = new Map<string, number>();
  for (const { instances, instanceShape } of headers)
    if (instances !== 0) counts.set(instanceShape.join(','), (counts.get(instanceShape.join(',')) ?? 0) + 1);
  const [common] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [''];
  return common === '' ? [] : common.split(',').map(Number);
}
