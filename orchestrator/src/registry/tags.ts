/**
 * Tags: names such as `production` for a checkpoint of this store, moved by compare-and-swap.
 * In: the store of runs. Out: what a tag points at; a tag moved, to nothing but a whole checkpoint that verifies.
 */
import {
  BagfleetError,
  type CheckpointRef,
  checkpointFolder,
  SCHEMA_VERSION,
  type Tag,
  type TagMove,
  tagFile,
  tagSchema,
} from '@bagfleet/proto';
import { canonicalJson } from '@bagfleet/worker/checkpoint/canonical-json';
import { getOrNull, sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import { type LocatedCheckpoint, locateAt } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { verifyCheckpoint } from '@bagfleet/worker/checkpoint/verify-checkpoint';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';

/** Moves that a tag remembers. */
const REMEMBERED = 20;

export interface TagVersion {
  readonly tag: Tag;
  readonly etag: string;
}

/** Where it points now. */
export function currentMove({ tag }: TagVersion): TagMove {
  return tag.moves[0];
}

/** null if the tag has never been set. */
export async function readTag(runs: ObjectStore, name: string): Promise<TagVersion | null> {
  const found = await getOrNull(runs, tagFile(name));
  if (!found) return null;
  try {
    return { tag: tagSchema.parse(JSON.parse(new TextDecoder().decode(found.bytes))), etag: found.etag };
  } catch (cause) {
    throw new BagfleetError('store-conflict', 'it is no tag of this version of bagfleet', {
      culprit: `${runs.uri}/${tagFile(name)}`,
      hint: 'See who writes into this folder.',
      cause,
    });
  }
}

/**
 * Points the tag at a checkpoint of this store. `over` is the version that was read before, null for none: if the
 * tag has been moved meanwhile, `store-conflict`, and nothing is changed.
 */
export async function moveTag(
  runs: ObjectStore,
  name: string,
  move: { readonly to: CheckpointRef; readonly by: string; readonly at: Date },
  over: TagVersion | null,
): Promise<void> {
  checkTagName(name);
  await demandWhole(await locateRef(runs, move.to));
  const now: TagMove = { ...move.to, movedAt: move.at.toISOString(), by: move.by };
  const tag: Tag = {
    schemaVersion: SCHEMA_VERSION,
    name,
    moves: [now, ...(over?.tag.moves ?? [])].slice(0, REMEMBERED),
  };
  const condition = over === null ? ({ ifAbsent: true } as const) : { ifMatch: over.etag };
  try {
    await runs.put(tagFile(name), canonicalJson(tag), condition);
  } catch (thrown) {
    if (codeOf(thrown) !== 'store-conflict') throw thrown;
    throw new BagfleetError('store-conflict', 'somebody else moved it meanwhile', {
      culprit: `tag ${name}`,
      hint: 'Look where it points now, and decide again.',
      cause: thrown,
    });
  }
}

/** The checkpoint that a reference names, if its manifest still is the one that was meant. */
export async function locateRef(runs: ObjectStore, ref: CheckpointRef): Promise<LocatedCheckpoint> {
  const located = await locateAt(runs, `${ref.run}/${checkpointFolder(ref.step)}`);
  const actual = sha256Of(located.manifestBytes);
  if (actual === ref.manifestSha256) return located;
  throw new BagfleetError(
    'checkpoint-corrupt',
    `its manifest's sha256 is ${actual}, ${ref.manifestSha256} is meant`,
    {
      culprit: located.uri,
      hint: 'See who writes into this folder; point the tag at another checkpoint.',
    },
  );
}

/** Whether two references mean the same bytes. */
export function isSameCheckpoint(a: CheckpointRef, b: CheckpointRef): boolean {
  return a.run === b.run && a.step === b.step && a.manifestSha256 === b.manifestSha256;
}

export function checkTagName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) return;
  throw new BagfleetError('usage', 'is no name of a tag', {
    culprit: `tag ${JSON.stringify(name)}`,
    hint: 'Lower-case letters, digits and dashes, such as production.',
  });
}

async function demandWhole(place: LocatedCheckpoint): Promise<void> {
  const problem = (await verifyCheckpoint(place)).find((verdict) => verdict.problem)?.problem;
  if (problem) throw problem;
}
