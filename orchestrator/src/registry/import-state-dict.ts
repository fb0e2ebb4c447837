/**
 * Another tool's weights as a checkpoint of step 0.
 * In: a state dict's file, the job whose model it is, its dataset, a store. Out: the committed checkpoint.
 * It imports TensorFlow.js: import it only where it is used.
 */
import type { JobSpec } from '@bagfleet/proto';
import { fromLayout, type Layout } from '@bagfleet/worker/checkpoint/state-dict/layouts';
import { matchParameters } from '@bagfleet/worker/checkpoint/state-dict/match-parameters';
import { readStateDict } from '@bagfleet/worker/checkpoint/state-dict/read-state-dict';
import { type CommittedCheckpoint, writeCheckpoint } from '@bagfleet/worker/checkpoint/write-checkpoint';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { createModel } from '@bagfleet/worker/models/create-model';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { beginWith, initialState } from '@bagfleet/worker/train/training-state';

export interface ImportedCheckpoint extends CommittedCheckpoint {
  /** What was taken off or converted, in sentences. */
  readonly remarks: readonly string[];
}

/** Errors: `checkpoint-corrupt`, `state-mismatch`, `usage`, `store-conflict` where another checkpoint stands. */
export async function importStateDict(args: {
  readonly file: string;
  readonly layout: Layout;
  readonly job: JobSpec;
  readonly dataset: Dataset;
  readonly store: ObjectStore;
}): Promise<ImportedCheckpoint> {
  const { file, layout, job, dataset, store } = args;
  const { manifest, digest } = dataset;
  const foreign = await readStateDict(file);
  const state = initialState(job, createModel(job.model, modelInputOf(manifest, job.data)));
  const tensors = fromLayout(layout, job.model.name, foreign.tensors);
  beginWith(state, matchParameters(tensors, state.layout, file));
  const { name, instanceShape, classes } = manifest;
  const written = await writeCheckpoint(store, state, {
    run: `import-${foreign.sha256.slice(0, 12)}`,
    job,
    dataset: { name, sha256: digest, instanceShape, classes },
    validation: null,
    fingerprint: {},
    isBest: true,
  });
  return { ...written, remarks: foreign.remarks };
}
