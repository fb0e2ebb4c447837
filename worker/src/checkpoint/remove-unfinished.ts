/**
 * Clears away what writers that died have left of checkpoints without a manifest.
 * In: the run's store. Out: the steps that are gone. For the one who is about to write a run's checkpoints, after a
 * resume say, before the first one: its state may differ from what the dead writer had begun.
 */
import { checkpointFolder } from '@bagfleet/proto/run-files';
import type { ObjectStore } from '../storage/object-store.js';
import { MANIFEST_FILE } from './checkpoint-files.js';
import { stepsOf } from './list-checkpoints.js';
import { deleteCheckpoint } from './prune-checkpoints.js';

export async function removeUnfinished(run: ObjectStore): Promise<number[]> {
  const removed: number[] = [];
  for (const step of await stepsOf(run)) {
    if ((await run.head(`${checkpointFolder(step)}${MANIFEST_FILE}`)) !== null) continue;
    await deleteCheckpoint(run, step);
    removed.push(step);
  }
  return removed;
}
