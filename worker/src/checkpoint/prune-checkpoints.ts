/**
 * Deletes the checkpoints that a run need not keep.
 * In: the run's store, how many of the newest stay. Out: the steps that are gone.
 * What latest or best names stays always. What a crashed writer left unfinished before the newest whole
 * checkpoint goes, too. Only the writer of the run's checkpoints may prune.
 */
import { checkpointFolder } from '@bagfleet/proto/run-files';
import type { ObjectStore } from '../storage/object-store.js';
import { MANIFEST_FILE } from './checkpoint-files.js';
import { readPointer } from './checkpoint-pointer.js';
import { stepsOf } from './list-checkpoints.js';

export async function pruneCheckpoints(run: ObjectStore, keepLast: number): Promise<number[]> {
  const pruned: number[] = [];
  for (const step of await stepsToPrune(run, keepLast)) {
    if ((await pointedSteps(run)).includes(step)) continue; // read anew: a pointer may have moved meanwhile
    await deleteCheckpoint(run, step);
    pruned.push(step);
  }
  return pruned;
}

async function stepsToPrune(run: ObjectStore, keepLast: number): Promise<number[]> {
  const steps = await stepsOf(run);
  const whole: number[] = [];
  for (const step of steps) if (await run.head(`${checkpointFolder(step)}${MANIFEST_FILE}`)) whole.push(step);
  const kept = new Set([...whole.slice(-keepLast), ...(await pointedSteps(run))]);
  const newest = whole.at(-1) ?? -1;
  return steps.filter((step) => step < newest && !kept.has(step));
}

async function pointedSteps(run: ObjectStore): Promise<number[]> {
  const pointers = [await readPointer(run, 'latest'), await readPointer(run, 'best')];
  return pointers.flatMap((pointer) => pointer?.step ?? []);
}

/** The manifest goes first, so that a half deleted checkpoint is none. */
export async function deleteCheckpoint(run: ObjectStore, step: number): Promise<void> {
  const folder = checkpointFolder(step);
  await run.delete(`${folder}${MANIFEST_FILE}`);
  for await (const { key } of run.list(folder)) await run.delete(key);
}
