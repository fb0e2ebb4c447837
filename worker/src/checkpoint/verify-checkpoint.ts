/**
 * Checks a whole checkpoint without a model: every file's size and digest, its tensors, the digest of the state.
 * In: a located checkpoint. Out: a verdict on each file, so that all that is wrong is told at once.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE, sha256Of } from './checkpoint-files.js';
import type { LocatedCheckpoint } from './locate-checkpoint.js';
import { demandDigest, readVerified } from './read-checkpoint.js';
import { readSafetensors, type TensorFile } from './read-safetensors.js';
import { digestOfTensors } from './state-digest.js';

export interface FileVerdict {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** `checkpoint-corrupt`, or null if the file is as it should be. */
  readonly problem: BagfleetError | null;
}

/** The manifest stands last: its problem is that the files hold another state than the one it names. */
export async function verifyCheckpoint(place: LocatedCheckpoint): Promise<FileVerdict[]> {
  const verdicts: FileVerdict[] = [];
  const tensors = new Map<string, TensorFile>();
  for (const file of place.manifest.files)
    verdicts.push({
      ...file,
      problem: await problemOf(async () => {
        const bytes = await readVerified(place, file.name);
        if (file.name.endsWith('.safetensors'))
          tensors.set(file.name, readSafetensors(bytes, `${place.uri}/${file.name}`));
      }),
    });
  const model = tensors.get(MODEL_FILE);
  const optimizer = tensors.get(OPTIMIZER_FILE);
  const problem = await problemOf(async () => {
    if (model && optimizer) demandDigest(place, digestOf(model, optimizer, place));
  });
  const { manifestBytes } = place;
  return [
    ...verdicts,
    { name: MANIFEST_FILE, bytes: manifestBytes.length, sha256: sha256Of(manifestBytes), problem },
  ];
}

function digestOf(model: TensorFile, optimizer: TensorFile, { manifest }: LocatedCheckpoint): string {
  return digestOfTensors(model.tensors.values(), optimizer.tensors.values(), manifest.progress);
}

async function problemOf(check: () => Promise<void>): Promise<BagfleetError | null> {
  try {
    await check();
    return null;
  } catch (error) {
    if (error instanceof BagfleetError && error.code === 'checkpoint-corrupt') return error;
    throw error; // the store can't be read: that says nothing about the checkpoint
  }
}
