/**
 * From a job's model settings to the model itself: the one place that knows all of them.
 * In: the job's `model` section, the data's instance shape and number of outputs. Out: a MilModel.
 */
import { BagfleetError, MODEL_NAMES, type ModelConfig } from '@bagfleet/proto';
import { abmil } from './abmil.js';
import { camil } from './camil.js';
import { clamMb } from './clam-mb.js';
import { clamSb } from './clam-sb.js';
import { dsmil } from './dsmil.js';
import { dtfd } from './dtfd.js';
import { lenetAbmil } from './lenet-abmil.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';
import { panda, pandaFlat } from './panda.js';
import { patchGcn } from './patch-gcn.js';
import { maxPool, meanPool } from './plain-pool.js';
import { additive, pooledAttention } from './pooled-attention.js';
import { sagpool } from './sagpool.js';
import { smAbmil } from './sm-abmil.js';
import { smoothAbmil } from './smooth-abmil.js';
import { smTransformerAbmil, transformerAbmil } from './transformer-abmil.js';
import { transmil } from './transmil.js';

type ModelName = (typeof MODEL_NAMES)[number];

const MODELS: Readonly<Record<ModelName, (config: ModelConfig, data: ModelInput) => MilModel>> = {
  abmil,
  mean_pool: meanPool,
  max_pool: maxPool,
  pooled_attention: pooledAttention,
  additive,
  clam_sb: clamSb,
  clam_mb: clamMb,
  dsmil,
  dtfd,
  transmil,
  transformer_abmil: transformerAbmil,
  camil,
  sm_abmil: smAbmil,
  sm_transformer_abmil: smTransformerAbmil,
  smooth_abmil: smoothAbmil,
  patch_gcn: patchGcn,
  sagpool,
  lenet_abmil: lenetAbmil,
  panda,
  panda_flat: pandaFlat,
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
