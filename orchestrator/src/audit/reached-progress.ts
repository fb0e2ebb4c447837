/**
 * How far a run came, as its latest checkpoint and its final status say.
 * In: the run's folder and its record. Out: what an audit may rely on; no progress while the run may go on, since
 * the ledger of a running run is written some seconds after its steps.
 */
import { BagfleetError, type CheckpointManifest } from '@bagfleet/proto';
import { locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, type RunRecord } from '../registry/read-run.js';
import type { ReachedProgress } from './audit-ledger.js';

export interface Reached {
  readonly progress: ReachedProgress | null;
  /** Digest of the dataset's manifest, as the run recorded it. */
  readonly dataset: string | null;
}

export async function reachedProgress(runFolder: ObjectStore, record: RunRecord): Promise<Reached> {
  const checkpoint = await latestCheckpoint(runFolder);
  const dataset = checkpoint?.dataset.sha256 ?? null;
  return { progress: isOver(record.state) ? furthest(checkpoint, record) : null, dataset };
}

/** A run that is done has completed its last epoch, whether or not a checkpoint was due after it. */
function furthest(checkpoint: CheckpointManifest | null, { status }: RunRecord): ReachedProgress | null {
  const kept = checkpoint?.progress ?? null;
  if (status?.state !== 'done' || status.epoch <= (kept?.epoch ?? 0)) return kept;
  return { epoch: status.epoch, stepInEpoch: 0, skipped: kept?.skipped ?? [] };
}

async function latestCheckpoint(runFolder: ObjectStore): Promise<CheckpointManifest | null> {
  try {
    return (await locateInRun(runFolder, 'latest')).manifest;
  } catch (thrown) {
    if (thrown instanceof BagfleetError && thrown.code === 'checkpoint-missing') return null;
    throw thrown;
  }
}
