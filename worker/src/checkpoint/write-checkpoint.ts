/**
 * Writes a checkpoint so that it is whole or absent (I4): files first, the manifest last and once, then the
 * pointers. In: the run's store, the state, what else the manifest tells. Out: a committed checkpoint.
 *
 * Each object is created once and never replaced, so whoever finds its own bytes under a name, or puts them
 * there, may build on them, however late the request of some other writer arrives. Writing the same state again,
 * after a crash or by another worker, finds or completes the same checkpoint. Another state under the same step is
 * refused; what a dead writer left of one is cleared away by the run's next writer (remove-unfinished.ts).
 */
import { type CheckpointManifest, checkpointManifestSchema } from '@bagfleet/proto/checkpoint-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { checkpointFolder } from '@bagfleet/proto/run-files';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import type { ObjectStore } from '../storage/object-store.js';
import { codeOf } from '../storage/store-errors.js';
import { canonicalJson } from './canonical-json.js';
import {
  getOrNull,
  MANIFEST_FILE,
  MODEL_FILE,
  OPTIMIZER_FILE,
  parseManifest,
  sha256Of,
} from './checkpoint-files.js';
import { movePointer } from './checkpoint-pointer.js';
import { modelTensors, optimizerTensors, stateDigest, type TrainedState } from './state-digest.js';
import { writeSafetensors } from './write-safetensors.js';

/** What a manifest tells besides the state; the threshold is part of the state. */
export interface CheckpointFacts
  extends Pick<CheckpointManifest, 'run' | 'job' | 'dataset' | 'validation' | 'fingerprint'> {
  /** Whether this is the best checkpoint of the run so far. */
  readonly isBest: boolean;
  /** Called after each file but the manifest. */
  readonly onFile?: () => Promise<void>;
}

export interface CommittedCheckpoint {
  /** Below the run's folder: `checkpoints/step-000042/`. */
  readonly folder: string;
  readonly manifest: CheckpointManifest;
}

interface Committed {
  readonly manifest: CheckpointManifest;
  readonly bytes: Uint8Array;
}

interface CheckpointFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** PyTorch's loaders look for this. */
const METADATA = { format: 'pt' };

export async function writeCheckpoint(
  run: ObjectStore,
  state: TrainedState,
  facts: CheckpointFacts,
): Promise<CommittedCheckpoint> {
  const folder = checkpointFolder(state.progress.step);
  const there = await committedBefore(run, folder, state);
  if (there) return point(run, folder, there, facts.isBest);
  const files = filesOf(state);
  const manifest = manifestOf(state, facts, files);
  const manifestBytes = canonicalJson(manifest);
  await commit(run, folder, files, manifestBytes, facts.onFile);
  return point(run, folder, { manifest, bytes: manifestBytes }, facts.isBest);
}

/** The manifest of this very state, if another writer has committed it: its files need not be made again. */
async function committedBefore(
  run: ObjectStore,
  folder: string,
  state: TrainedState,
): Promise<Committed | null> {
  const found = await getOrNull(run, `${folder}${MANIFEST_FILE}`);
  if (!found) return null;
  const manifest = parseManifest(found.bytes, `${run.uri}/${folder}${MANIFEST_FILE}`);
  return manifest.stateDigest === stateDigest(state) ? { manifest, bytes: found.bytes } : null;
}

async function point(
  run: ObjectStore,
  folder: string,
  { manifest, bytes }: Committed,
  isBest: boolean,
): Promise<CommittedCheckpoint> {
  const pointer = { step: manifest.progress.step, manifestSha256: sha256Of(bytes) };
  await movePointer(run, 'latest', pointer);
  if (isBest) await movePointer(run, 'best', pointer);
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

async function commit(
  run: ObjectStore,
  folder: string,
  files: readonly CheckpointFile[],
  manifest: Uint8Array,
  onFile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const { name, bytes } of files) {
    await createOnce(run, folder, name, bytes);
    await onFile();
  }
  await createOnce(run, folder, MANIFEST_FILE, manifest);
}

/** Throws `store-conflict` if there is something else under this name. */
async function createOnce(run: ObjectStore, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  try {
    await run.put(`${folder}${name}`, bytes, { ifAbsent: true });
  } catch (error) {
    if (codeOf(error) !== 'store-conflict') throw error;
    const there = await getOrNull(run, `${folder}${name}`);
    if (there === null || !Buffer.from(bytes).equals(there.bytes))
      throw await anotherState(run, folder, name);
  }
}

async function anotherState(run: ObjectStore, folder: string, name: string): Promise<BagfleetError> {
  const isCommitted = (await run.head(`${folder}${MANIFEST_FILE}`)) !== null;
  return new BagfleetError(
    'store-conflict',
    isCommitted
      ? 'another state has been committed as this step'
      : 'another computation, which reached another state, has begun to write this step',
    {
      culprit: `${run.uri}/${folder}${name}`,
      hint: 'Only one computation may write into a run: end the other one, or give one of them a run of its own.',
    },
  );
}
