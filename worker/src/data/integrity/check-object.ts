/**
 * Makes sure that what was read of an object is its content.
 * In: the bytes of a first read of one version, how to read ranges of it again. Out: the same array, right now, or
 * an error that names bag and file and what was expected. A garbled answer never changes a result.
 *
 * What it costs: one digest per read. Only an object whose content nothing confirms (no checksum in the manifest, an
 * etag that is no MD5, its first read in this run) is read twice.
 */
import type { ObjectEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '../bag-file.js';
import { type Expected, expectedOf, judgeFirst, judgeSettled, MOST_READS } from './check-content.js';
import { contentDigest } from './content-digest.js';
import type { ContentRecord } from './content-record.js';
import { settlePieces } from './settle-pieces.js';

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
  const first = expected.by === 'nothing' ? '' : await contentDigest(expected.name, bytes, signal);
  if (judgeFirst(expected, first) === 'right') return;
  if (!(await settlePieces(bytes, readAgain))) throw unfit(file);
  const settled = await contentDigest(expected.name, bytes, signal);
  const verdict = judgeSettled(expected, settled);
  if (verdict === 'wrong') throw changed(file, expected, settled);
  if (verdict === 'record') record.record(object.key, etag, await contentDigest('sha256', bytes, signal));
}

function changed(file: BagFile, { by, name, digest }: Expected, found: string): BagfleetError {
  return bagError(
    'bag-changed',
    file,
    `its ${name} is ${found} in two reads, ${WORDS[by]} ${digest}`,
    'Put the right file there, or build the manifest again with `bagfleet data index` and begin a new run.',
  );
}

function unfit({ bag, file }: BagFile): BagfleetError {
  return new BagfleetError(
    'store-unavailable',
    `${MOST_READS} reads of a piece of it gave other bytes each`,
    {
      culprit: `bag ${bag}, file ${file}`,
      hint: 'Something between here and the store garbles what passes: check proxies, network and memory.',
    },
  );
}
