/** A committed checkpoint of a small model that was never trained, in a run's store. */

import { type CommittedCheckpoint, writeCheckpoint } from '@bagfleet/worker/checkpoint/write-checkpoint';
import { createModel } from '@bagfleet/worker/models/create-model';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { initialState } from '@bagfleet/worker/train/training-state';
import { type ModelFacts, untrainedModel } from './trained-model.js';

export function writeMadeUpCheckpoint(
  run: ObjectStore,
  facts: ModelFacts & { readonly run: string; readonly step: number; readonly isBest: boolean },
): Promise<CommittedCheckpoint> {
  const { manifest } = untrainedModel(facts);
  const { job, dataset, fingerprint } = manifest;
  const outputs = dataset.classes.length === 2 ? 1 : dataset.classes.length;
  const state = initialState(job, createModel(job.model, { instanceShape: dataset.instanceShape, outputs }));
  const progress = { ...state.progress, epoch: 1, step: facts.step, threshold: manifest.threshold };
  const written = { run: facts.run, job, dataset, validation: null, fingerprint, isBest: facts.isBest };
  return writeCheckpoint(run, { ...state, progress }, written);
}
