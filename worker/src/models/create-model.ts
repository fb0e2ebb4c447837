/**
 * From a job's model settings to the model itself: the one place that knows all of them.
 * In: the job's `model` section, the data's instance shape and number of outputs. Out: a MilModel.
 */
import { BagfleetError, MODEL_NAMES, type ModelConfig } from '@bagfleet/proto';
import { abmil } from './abmil.js';
import { lenetAbmil } from './lenet-abmil.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';

type ModelName = (typeof MODEL_NAMES)[number];

const MODELS: Readonly<Record<ModelName, (config: ModelConfig, data: ModelInput) => MilModel>> = {
  abmil,
  lenet_abmil: lenetAbmil,
};

/**
 * @throws BagfleetError `model-unknown`, or `job-invalid` (naming job field and manifest) if the model does not
 * take such instances
 */
export function createModel(config: ModelConfig, data: ModelInput): MilModel {
  if (!isModelName(config.name))
    throw new BagfleetError('model-unknown', `there is no model "${config.name}"`, {
      culprit: 'job field model.name',
      hint: `Known models: ${MODEL_NAMES.join(', ')}.`,
    });
  return MODELS[config.name](config, data);
}

function isModelName(name: string): name is ModelName {
  return (MODEL_NAMES as readonly string[]).includes(name);
}
