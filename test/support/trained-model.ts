/** A model as a checkpoint keeps it, without training one: initial values, and facts made up around them. */
import { type CheckpointManifest, parseJob } from '@bagfleet/proto';
import type { TrainedModel } from '@bagfleet/worker/inference/predictor';
import { createModel } from '@bagfleet/worker/models/create-model';
import { initialState, NO_PROGRESS } from '@bagfleet/worker/train/training-state';

const NO_DIGEST = '0'.repeat(64);

export interface ModelFacts {
  readonly job?: Readonly<Record<string, unknown>>;
  readonly instanceShape?: readonly number[];
  readonly classes?: readonly string[];
  readonly threshold?: number | null;
}

export function untrainedModel(facts: ModelFacts = {}): TrainedModel {
  const { instanceShape = [4], classes = ['no', 'yes'], threshold = 0.5 } = facts;
  const small = { hidden: 8, attention: 4 };
  const job = parseJob({ data: { manifest: 'm.json' }, model: small, ...facts.job }, 'test');
  const outputs = classes.length === 2 ? 1 : classes.length;
  const { parameters } = initialState(job, createModel(job.model, { instanceShape, outputs }));
  const manifest: CheckpointManifest = {
    schemaVersion: 1,
    run: 'made-up-1',
    progress: { ...NO_PROGRESS, epoch: 1, step: 3 },
    stateDigest: NO_DIGEST,
    files: [{ name: 'model.safetensors', bytes: 1, sha256: NO_DIGEST }],
    job,
    dataset: { name: 'tiny', sha256: NO_DIGEST, instanceShape: [...instanceShape], classes: [...classes] },
    validation: null,
    threshold,
    fingerprint: {},
  };
  return { manifest, parameters };
}
