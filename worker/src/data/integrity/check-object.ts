/**
 * Makes sure that what was read of a bag's object is its content: a garbled answer never changes a result.
 * In: the bytes of a first read of one version, how to read ranges of it again, what earlier reads found. Out: the
 * same array, right now, or an error that names bag and file and what was expected.
 */
import type { ObjectEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '../bag-file.js';
import { type Expected, expectedOf, MOST_READS } from './check-content.js';
import { confirmContent } from './confirm-content.js';
import type { ContentRecord } from './content-record.js';

export interface ReadObject {
  readonly object: ObjectEntry;
  readonly file: BagFile;
  readonly etag: string;
  /** Of a first read; changed in place where it was garbled. */
  readonly bytes: Uint8Array;
  readonly readAgain: (start: number, into: Uint8Array) => Promise<void>;
}

const WORDS: Record<Expected['by'], string> = {
  checksum: 'the manifest says',
  record: 'an earlier read of this run found',
  etag: 'the etag says',
  nothing: 'nothing says',
};

/** Errors: `bag-changed`, `store-unavailable` if no two reads of a piece agree. */
export async function checkObject(
  { object, file, etag, bytes, readAgain }: ReadObject,
  record: ContentRecord,
  signal?: AbortSignal,
): Promise<void> {
  const expected = expectedOf(object, etag, record.found(object.key, etag));
  const confirmed = await confirmContent(bytes, expected, readAgain, signal);
  if (confirmed.kind === 'unfit') throw garbled(`bag ${file.bag}, file ${file.file}`);
  if (confirmed.kind === 'wrong') throw changed(file, expected, confirmed.found);
  if (confirmed.kind === 'new') record.record(object.key, etag, confirmed.sha256);
}

export function garbled(culprit: string): BagfleetError {
  return new BagfleetError(
    'store-unavailable',
    `${MOST_READS} reads of a piece of it gave other bytes each`,
    {
      culprit,
      hint: 'Something between here and the store garbles what passes: check proxies, network and memory.',
    },
  );
}

function changed(file: BagFile, { by, name, digest }: Expected, found: string): BagfleetError {
  return bagError(
    'bag-changed',
    file,
    `its ${name} is ${found} in two reads, ${WORDS[by]} ${digest}`,
    'Put the right file there, or build the manifest again with `bagfleet data index` and begin a new run.',
  );
}
