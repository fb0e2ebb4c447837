/**
 * Which checkpoint is meant: `latest`, `best`, a step, or the URI of a checkpoint's folder.
 * In: a run's store and a word, or a URI. Out: a committed checkpoint's place and its checked manifest.
 * Errors: `checkpoint-missing`, `checkpoint-corrupt`, `usage`.
 */
import type { CheckpointManifest } from '@bagfleet/proto/checkpoint-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { type CheckpointPointer, checkpointFolder, RUN_FILES } from '@bagfleet/proto/run-files';
import type { ObjectStore } from '../storage/object-store.js';
import { openStore } from '../storage/open-store.js';
import type { StoreAccess } from '../storage/store-uri.js';
import { corruptFile, getOrNull, MANIFEST_FILE, parseManifest, sha256Of } from './checkpoint-files.js';
import { readPointer } from './checkpoint-pointer.js';

export interface LocatedCheckpoint {
  readonly store: ObjectStore;
  /** Below the store: empty, or ending in `/`. */
  readonly folder: string;
  /** In full, without a slash at the end: for people. */
  readonly uri: string;
  readonly manifest: CheckpointManifest;
  readonly manifestBytes: Uint8Array;
}

/** `which` is `latest`, `best`, a step (`42`) or a folder's name (`step-000042`). */
export async function locateInRun(run: ObjectStore, which: string | number): Promise<LocatedCheckpoint> {
  if (which === 'best') return locateBest(run);
  if (which === 'latest') return locateLatest(run);
  const step = /^(?:step-)?(\d{1,15})$/.exec(String(which))?.[1];
  if (step === undefined)
    throw new BagfleetError('usage', 'it names no checkpoint', {
      culprit: `checkpoint ${JSON.stringify(which)}`,
      hint: 'Give latest, best, a step such as 42, or the URI of a checkpoint folder.',
    });
  return locateAt(run, checkpointFolder(Number(step)));
}

/** `uri` is a checkpoint's folder or its manifest.json; whoever located it closes its store. */
export async function locateByUri(uri: string, access: StoreAccess): Promise<LocatedCheckpoint> {
  const store = await openStore(uri.replace(new RegExp(`/${MANIFEST_FILE}$`), ''), access);
  try {
    return await locateAt(store, '');
  } catch (error) {
    store.close();
    throw error;
  }
}

async function locateBest(run: ObjectStore): Promise<LocatedCheckpoint> {
  const pointer = await readPointer(run, 'best');
  if (pointer !== null) return locatePointed(run, 'best', pointer);
  throw missing(
    `${run.uri}/${RUN_FILES.best}`,
    'no checkpoint has been marked as the best one',
    'Without validation bags none is: ask for latest.',
  );
}

async function locateLatest(run: ObjectStore): Promise<LocatedCheckpoint> {
  const pointer = await readPointer(run, 'latest');
  if (pointer !== null) return locatePointed(run, 'latest', pointer);
  throw missing(
    `${run.uri}/${RUN_FILES.latest}`,
    'no checkpoint has been marked as the latest one',
    'One is written at the end of an epoch: see `bagfleet status`.',
  );
}

async function locatePointed(
  run: ObjectStore,
  name: 'latest' | 'best',
  to: CheckpointPointer,
): Promise<LocatedCheckpoint> {
  const located = await locateAt(run, checkpointFolder(to.step));
  const actual = sha256Of(located.manifestBytes);
  if (actual === to.manifestSha256) return located;
  throw corruptFile(
    `${located.uri}/${MANIFEST_FILE}`,
    `its sha256 is ${actual}, but ${RUN_FILES[name]} expects ${to.manifestSha256}`,
  );
}

export async function locateAt(store: ObjectStore, folder: string): Promise<LocatedCheckpoint> {
  const uri = `${store.uri}/${folder}`.replace(/\/$/, '');
  const manifestBytes = await manifestAt(store, folder, uri);
  return {
    store,
    folder,
    uri,
    manifestBytes,
    manifest: parseManifest(manifestBytes, `${uri}/${MANIFEST_FILE}`),
  };
}

async function manifestAt(store: ObjectStore, folder: string, uri: string): Promise<Uint8Array> {
  const found = await getOrNull(store, `${folder}${MANIFEST_FILE}`);
  if (found !== null) return found.bytes;
  throw missing(
    uri,
    `there is no checkpoint (no ${MANIFEST_FILE})`,
    '`bagfleet checkpoints list` names those of a run.',
  );
}

function missing(culprit: string, message: string, hint: string): BagfleetError {
  return new BagfleetError('checkpoint-missing', message, { culprit, hint });
}
