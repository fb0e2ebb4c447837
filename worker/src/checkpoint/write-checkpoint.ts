/**
 * Writes a checkpoint so that it is whole or absent (I4): files first, the manifest last and once, then the
 * pointers. In: the run's store, the state, what else the manifest tells. Out: a committed checkpoint.
 *
 * Writing the same state again, after a crash or by another worker, changes nothing: the same bytes are found.
 * Another state under the same step is refused, and what was committed first stays.
 */
import { type CheckpointManifest, checkpointManifestSchema } from '@bagfleet/proto/checkpoint-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { checkpointFolder } from '@bagfleet/proto/run-files';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import type { ObjectStore } from '../storage/object-store.js';
import { codeOf } from '../storage/store-errors.js';
import { canonicalJson } from './canonical-json.js';
import { MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE, sha256Of } from './checkpoint-files.js';
import { movePointer } from './checkpoint-pointer.js';
import { modelTensors, optimizerTensors, stateDigest, type TrainedState } from './state-digest.js';
import { writeSafetensors } from './write-safetensors.js';

/** What a manifest tells besides the state; the threshold is part of the state. */
export interface CheckpointFacts
  extends Pick<CheckpointManifest, 'run' | 'job' | 'dataset' | 'validation' | 'fingerprint'> {
  /** Whether this is the best checkpoint of the run so far. */
  readonly isBest: boolean;
}

export interface CommittedCheckpoint {
  /** Below the run's folder: `checkpoints/step-000042/`. */
  readonly folder: string;
  readonly manifest: CheckpointManifest;
}

interface CheckpointFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** PyTorch's loaders look for this. */
const METADATA = { format: 'pt' };
const REPLACEMENTS = 5;

export async function writeCheckpoint(
  run: ObjectStore,
  state: TrainedState,
  facts: CheckpointFacts,
): Promise<CommittedCheckpoint> {
  const folder = checkpointFolder(state.progress.step);
  const files = filesOf(state);
  const manifest = manifestOf(state, facts, files);
  const manifestBytes = canonicalJson(manifest);
  if (!(await isCommitted(run, folder, manifestBytes))) await commit(run, folder, files, manifestBytes);
  const pointer = { step: state.progress.step, manifestSha256: sha256Of(manifestBytes) };
  await movePointer(run, 'latest', pointer);
  if (facts.isBest) await movePointer(run, 'best', pointer);
  return { folder, manifest };
}

function filesOf(state: TrainedState): CheckpointFile[] {
  const contents = [
    { name: MODEL_FILE, bytes: writeSafetensors(modelTensors(state), METADATA) },
    { name: OPTIMIZER_FILE, bytes: writeSafetensors(optimizerTensors(state), METADATA) },
  ];
  return contents.map(({ name, bytes }) => ({ name, bytes, sha256: sha256Of(bytes) }));
}

function manifestOf(
  state: TrainedState,
  facts: CheckpointFacts,
  files: readonly CheckpointFile[],
): CheckpointManifest {
  const { run, job, dataset, validation, fingerprint } = facts;
  const checked = checkpointManifestSchema.safeParse({
    schemaVersion: SCHEMA_VERSION,
    run,
    progress: state.progress,
    stateDigest: stateDigest(state),
    files: files.map(({ name, bytes, sha256 }) => ({ name, bytes: bytes.length, sha256 })),
    job,
    dataset,
    validation,
    threshold: state.progress.threshold,
    fingerprint,
  });
  if (checked.success) return checked.data;
  const [{ path, message }] = checked.error.issues;
  throw new BagfleetError(
    'bug',
    `a checkpoint's manifest would be wrong, field ${path.join('.')}: ${message}`,
  );
}

/** True if this very checkpoint is there; throws `store-conflict` if another one is. */
async function isCommitted(run: ObjectStore, folder: string, manifest: Uint8Array): Promise<boolean> {
  const key = `${folder}${MANIFEST_FILE}`;
  try {
    const { bytes } = await run.get(key);
    if (Buffer.from(manifest).equals(bytes)) return true;
  } catch (error) {
    if (codeOf(error) === 'store-missing') return false;
    throw error;
  }
  throw new BagfleetError('store-conflict', 'another state has been committed as this step', {
    culprit: `${run.uri}/${key}`,
    hint: 'Two computations write into one run: end one of them, or give it a run of its own.',
  });
}

async function commit(
  run: ObjectStore,
  folder: string,
  files: readonly CheckpointFile[],
  manifest: Uint8Array,
): Promise<void> {
  const etags = new Map<string, string>();
  for (const file of files) etags.set(file.name, await putFile(run, `${folder}${file.name}`, file));
  try {
    await run.put(`${folder}${MANIFEST_FILE}`, manifest, { ifAbsent: true });
  } catch (error) {
    if (codeOf(error) === 'store-conflict' && (await isCommitted(run, folder, manifest))) return;
    throw error;
  }
  await demandUntouched(run, folder, etags);
}

/**
 * The same bytes that are there already stay: a redone checkpoint. Others, without a manifest, are what a
 * crashed writer left of another state, and are replaced.
 */
async function putFile(run: ObjectStore, key: string, { bytes, sha256 }: CheckpointFile): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const found = await getOrNull(run, key);
    if (found !== null && sha256Of(found.bytes) === sha256) return found.etag;
    try {
      return (await run.put(key, bytes, found === null ? { ifAbsent: true } : { ifMatch: found.etag })).etag;
    } catch (error) {
      if (codeOf(error) !== 'store-conflict' || attempt === REPLACEMENTS) throw error;
    }
  }
}

async function getOrNull(run: ObjectStore, key: string): Promise<{ bytes: Uint8Array; etag: string } | null> {
  try {
    return await run.get(key);
  } catch (error) {
    if (codeOf(error) === 'store-missing') return null;
    throw error;
  }
}

/**
 * A rival with another state may have replaced a file between our put of it and our manifest. Then the
 * manifest would be a lie: it is withdrawn before any pointer moves.
 */
async function demandUntouched(
  run: ObjectStore,
  folder: string,
  etags: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [name, etag] of etags) {
    if ((await run.head(`${folder}${name}`))?.etag === etag) continue;
    await run.delete(`${folder}${MANIFEST_FILE}`);
    throw new BagfleetError('store-conflict', 'somebody else wrote it while this checkpoint was committed', {
      culprit: `${run.uri}/${folder}${name}`,
      hint: 'Two computations write into one run: end one of them, or give it a run of its own.',
    });
  }
}
