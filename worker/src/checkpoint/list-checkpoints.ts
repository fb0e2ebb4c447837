/**
 * The checkpoints of a run.
 * In: the run's store. Out: one row per checkpoint folder, oldest first, unfinished ones among them.
 */
import type { CheckpointManifest } from '@bagfleet/proto/checkpoint-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { checkpointFolder, RUN_FILES } from '@bagfleet/proto/run-files';
import type { ObjectStore } from '../storage/object-store.js';
import { readPointer } from './checkpoint-pointer.js';
import { locateAt } from './locate-checkpoint.js';

export interface ListedCheckpoint {
  readonly step: number;
  /** In full, for people and for `--checkpoint`. */
  readonly uri: string;
  /** null if it is not whole: being written, left by a crash, or its manifest is broken (`problem` says how). */
  readonly manifest: CheckpointManifest | null;
  readonly problem: BagfleetError | null;
  readonly isLatest: boolean;
  readonly isBest: boolean;
}

export async function listCheckpoints(run: ObjectStore): Promise<ListedCheckpoint[]> {
  const [latest, best] = [await readPointer(run, 'latest'), await readPointer(run, 'best')];
  const rows: ListedCheckpoint[] = [];
  for (const step of await stepsOf(run))
    rows.push({
      step,
      uri: `${run.uri}/${checkpointFolder(step)}`.replace(/\/$/, ''),
      ...(await manifestOf(run, step)),
      isLatest: latest?.step === step,
      isBest: best?.step === step,
    });
  return rows;
}

/** Steps that have a checkpoint folder, whole or not, in order. */
export async function stepsOf(run: ObjectStore): Promise<number[]> {
  const names = await run.folders(RUN_FILES.checkpoints);
  const steps = names.flatMap((name) => /^step-(\d{6,15})$/.exec(name)?.[1] ?? []).map(Number);
  return steps.sort((a, b) => a - b);
}

async function manifestOf(
  run: ObjectStore,
  step: number,
): Promise<Pick<ListedCheckpoint, 'manifest' | 'problem'>> {
  try {
    return { manifest: (await locateAt(run, checkpointFolder(step))).manifest, problem: null };
  } catch (error) {
    if (!(error instanceof BagfleetError)) throw error;
    if (error.code === 'checkpoint-missing') return { manifest: null, problem: null };
    if (error.code === 'checkpoint-corrupt' || error.code === 'peer-incompatible')
      return { manifest: null, problem: error };
    throw error;
  }
}
