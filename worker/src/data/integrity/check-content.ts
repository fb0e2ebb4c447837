/**
 * Whether what was read is the content that is meant: the decision alone, without I/O.
 * In: what is known of the object (a stored checksum, its etag, what an earlier read found) and digests of what came.
 * Out: what to compare with, and a verdict.
 *
 * Evidence in this order: the manifest's checksum; the digest that this run recorded at an earlier read; an etag
 * that is the MD5 of the content. An etag only ever confirms: of multipart uploads and of objects under a KMS key it
 * looks the same and is no digest. Where nothing confirms, two reads that agree decide, piece by piece.
 */
import type { ObjectEntry } from '@bagfleet/proto/dataset-manifest';

export type DigestName = 'sha256' | 'crc32' | 'md5';

export interface Expected {
  /** `nothing`: there is no digest to compare with. */
  readonly by: 'checksum' | 'record' | 'etag' | 'nothing';
  readonly name: DigestName;
  /** Lower-case hex; null where nothing is known. */
  readonly digest: string | null;
}

/** Reads of one piece before the way to the store is called unfit: one garbled answer in ten fails one in a million. */
export const MOST_READS = 8;

export function expectedOf(
  { checksum }: Pick<ObjectEntry, 'checksum'>,
  etag: string,
  recorded: string | null,
): Expected {
  if (checksum !== undefined) {
    const [name, digest] = checksum.split(':') as ['sha256' | 'crc32', string];
    return { by: 'checksum', name, digest };
  }
  if (recorded !== null) return { by: 'record', name: 'sha256', digest: recorded };
  const md5 = /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1];
  if (md5 !== undefined) return { by: 'etag', name: 'md5', digest: md5.toLowerCase() };
  return { by: 'nothing', name: 'sha256', digest: null };
}

/** After the first read: it is right, or its pieces are read again until two reads of each agree. */
export function judgeFirst({ digest }: Expected, found: string): 'right' | 'settle' {
  return found === digest ? 'right' : 'settle';
}

/**
 * After two reads of each piece agreed. `record`: right, and nothing had said so before; later readers are to compare.
 * `wrong`: a digest of this very content says otherwise.
 */
export function judgeSettled({ by, digest }: Expected, found: string): 'right' | 'record' | 'wrong' {
  if (found === digest) return 'right';
  return by === 'etag' || by === 'nothing' ? 'record' : 'wrong';
}

/** Of one piece: whether its latest read is one that came before, too. */
export function judgePiece(before: readonly string[], latest: string): 'settled' | 'again' | 'unfit' {
  if (before.includes(latest)) return 'settled';
  return before.length + 1 < MOST_READS ? 'again' : 'unfit';
}
