/**
 * Makes sure that what was read is the content, where the way to the store may garble what passes.
 * In: the bytes of a first read of one version, what to expect, how to read ranges again. Out: the same array, right
 * now, and how that is known.
 *
 * What it costs: one digest per read. Only content that nothing confirms (no checksum in the manifest, an etag that is
 * no MD5, not recorded by an earlier read) is read twice.
 */
import { type Expected, judgeFirst, judgeSettled } from './check-content.js';
import { contentDigest } from './content-digest.js';
import { settlePieces } from './settle-pieces.js';

export type Confirmed =
  | { readonly kind: 'right' }
  /** Two reads agree, and nothing else says so; later readers are to compare with this. */
  | { readonly kind: 'new'; readonly sha256: string }
  /** Two reads agree on a content of another digest than expected. */
  | { readonly kind: 'wrong'; readonly found: string }
  /** Some piece came differently each time. */
  | { readonly kind: 'unfit' };

export async function confirmContent(
  bytes: Uint8Array,
  expected: Expected,
  readAgain: (start: number, into: Uint8Array) => Promise<void>,
  signal?: AbortSignal,
): Promise<Confirmed> {
  const first = expected.by === 'nothing' ? '' : await contentDigest(expected.name, bytes, signal);
  if (judgeFirst(expected, first) === 'right') return { kind: 'right' };
  if (!(await settlePieces(bytes, readAgain))) return { kind: 'unfit' };
  const found = await contentDigest(expected.name, bytes, signal);
  const verdict = judgeSettled(expected, found);
  if (verdict === 'wrong') return { kind: 'wrong', found };
  if (verdict === 'right') return { kind: 'right' };
  return { kind: 'new', sha256: await contentDigest('sha256', bytes, signal) };
}
