/**
 * Copies a checkpoint into a folder on this machine, which appears only when it is whole and verified.
 * In: a located checkpoint, the folder that shall be. Out: the folder's absolute path.
 * Errors: `checkpoint-corrupt`, `store-denied` and `store-unavailable` (disk), `usage` (something else is there).
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BagfleetError } from '@bagfleet/proto/errors';
import { sweepDrafts } from '../storage/local-draft.js';
import { errnoOf, localFailure, orElse } from '../storage/local-errors.js';
import { WORKING_PREFIX } from '../storage/object-key.js';
import { MANIFEST_FILE, sha256Of } from './checkpoint-files.js';
import type { LocatedCheckpoint } from './locate-checkpoint.js';
import { readVerified } from './read-checkpoint.js';

export async function pullCheckpoint(place: LocatedCheckpoint, to: string): Promise<string> {
  const target = resolve(to);
  const parent = dirname(target);
  try {
    if (await isPulled(place, target)) return target;
    await mkdir(parent, { recursive: true });
    await sweepDrafts(parent, Date.now());
    const unfinished = join(parent, `${WORKING_PREFIX}${randomUUID()}`);
    await mkdir(unfinished);
    try {
      for (const { name } of place.manifest.files)
        await writeSynced(join(unfinished, name), await readVerified(place, name));
      await writeSynced(join(unfinished, MANIFEST_FILE), place.manifestBytes);
      await rename(unfinished, target); // replaces an empty folder, but nothing else
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return target;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw occupied(target);
    throw localFailure(error, target);
  }
}

/** True if this very checkpoint is there already, whole. */
async function isPulled({ manifest, manifestBytes }: LocatedCheckpoint, target: string): Promise<boolean> {
  const names = await orElse(readdir(target), ['ENOENT'], []);
  if (names.length === 0) return false;
  const wanted = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]));
  wanted.set(MANIFEST_FILE, sha256Of(manifestBytes));
  if (names.length !== wanted.size) throw occupied(target);
  for (const name of names)
    if (!wanted.has(name) || sha256Of(await readFile(join(target, name))) !== wanted.get(name))
      throw occupied(target);
  return true;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function occupied(target: string): BagfleetError {
  return new BagfleetError('usage', 'there is something else already', {
    culprit: target,
    hint: 'Choose a folder that is not there yet, or an empty one.',
  });
}
