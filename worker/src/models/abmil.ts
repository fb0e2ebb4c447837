/**
 * ABMIL on feature vectors: embedding, (gated) attention pooling, linear classifier.
 * In: features [n, width]. Out: logits [outputs] and attention [n].
 * Ilse, Tomczak, Welling, "Attention-based deep multiple instance learning", ICML 2018.
 *
 * The names are torchmil 1.0.2's, of `ABMIL(in_shape=(width,), att_dim=attention, att_act=activation, gated=gated,
 * feat_ext=Sequential(Linear(width, hidden), ReLU()))`: its `load_state_dict(load_file('model.safetensors'))`
 * takes our weights as they are.
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import { asRow } from './layers/attention.js';
import { attentionPool } from './layers/attention-pool.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';

const CLASSIFIER = 'classifier.module';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function abmil(config: ModelConfig, data: ModelInput): MilModel {
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const pool = attentionPool('pool', { ...config, width });
  return {
    parameters: [
      ...embedding.parameters,
      ...pool.parameters,
      ...linearParameters(CLASSIFIER, width, data.outputs),
    ],
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const { attention, pooled } = pool.apply(parameters, embeddings); // [1, n], [1, hidden]
      const logits = asRow(linear(parameters, CLASSIFIER, pooled)); // [outputs]
      return { logits, attention: asRow(attention) };
    },
  };
}
