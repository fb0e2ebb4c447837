/**
 * From a checkpoint to a predictor in this process, on the backend and with the threads that it was trained
 * with. It imports TensorFlow.js: import it only where a model is used.
 */

import type { LocatedCheckpoint } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { readParameters } from '@bagfleet/worker/checkpoint/read-checkpoint';
import { loadBackend } from '@bagfleet/worker/engine/backend';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { Predictor } from '@bagfleet/worker/inference/predictor';
import { createModel } from '@bagfleet/worker/models/create-model';
import { modelInputOf } from '@bagfleet/worker/models/model-input';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import { withoutNativeNoise } from './without-native-noise.js';

export async function loadPredictor(
  checkpoint: LocatedCheckpoint,
): Promise<{ predictor: Predictor; backend: string }> {
  const { job, dataset } = checkpoint.manifest;
  // TensorFlow reads these once, when it is loaded; what the user has set stays.
  const { TF_CPP_MIN_LOG_LEVEL: _, ...settings } = computeEnvironment(job.fleet.threadsPerWorker);
  Object.assign(process.env, { ...settings, ...process.env });
  const { name, version } = await withoutNativeNoise(() => loadBackend());
  const model = createModel(job.model, modelInputOf(dataset, job.data));
  const trained = await readParameters(checkpoint, layoutOf(model.parameters));
  return { predictor: new Predictor(trained), backend: `${name} ${version}` };
}
