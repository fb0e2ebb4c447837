/**
 * ABMIL on feature vectors: linear embedding, ReLU, (gated) attention pooling, linear classifier.
 * In: features [n, width]. Out: logits [outputs] and attention [n].
 *
 * The names are torchmil 1.0.2's, of `ABMIL(in_shape=(width,), att_dim=attention, gated=gated,
 * feat_ext=Sequential(Linear(width, hidden), ReLU()))`: its `load_state_dict(load_file('model.safetensors'))`
 * takes our weights as they are. Like there, the last layer of the attention has no bias: softmax would
 * not see it.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { attentionPool, gatedAttention, tanhAttention } from './layers/attention.js';
import { dropout } from './layers/dropout.js';
import { linearParameters, linearWeight } from './layers/initial-values.js';
import { linear, linearWithoutBias } from './layers/linear.js';
import { relu } from './layers/relu.js';
import type { MilModel, ParameterTensors } from './model.js';
import { type ModelInput, unfitInstances } from './model-input.js';

const EMBEDDING = 'feat_ext.0';
const TANH = 'pool.fc1.module';
const GATE = 'pool.fc_gated.module';
const SCORE = 'pool.fc2';
const CLASSIFIER = 'classifier.module';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function abmil(config: ModelConfig, data: ModelInput): MilModel {
  const { hidden, attention, gated } = config;
  if (data.instanceShape.length !== 1) throw unfitInstances(config, data, 'feature vectors, [features]');
  const [width] = data.instanceShape;

  function scoresOf(parameters: ParameterTensors, embeddings: tf.Tensor2D): tf.Tensor2D {
    const inner = gated
      ? gatedAttention(parameters, { tanh: TANH, gate: GATE }, embeddings)
      : tanhAttention(parameters, TANH, embeddings); // [n, attention]
    return linearWithoutBias(parameters, SCORE, inner); // [n, 1]
  }

  return {
    parameters: [
      ...linearParameters(EMBEDDING, width, hidden),
      ...linearParameters(TANH, hidden, attention),
      linearWeight(SCORE, attention, 1),
      ...(gated ? linearParameters(GATE, hidden, attention) : []),
      ...linearParameters(CLASSIFIER, hidden, data.outputs),
    ],
    forward(parameters, features, training) {
      const active = relu(linear(parameters, EMBEDDING, features as tf.Tensor2D)); // [n, hidden]
      const embeddings = dropout(active, 'embedding', config.dropout, training); // [n, hidden]
      const pool = attentionPool(embeddings, scoresOf(parameters, embeddings)); // [n], [1, hidden]
      const logits = tf.reshape<tf.Rank.R1>(linear(parameters, CLASSIFIER, pool.pooled), [-1]); // [outputs]
      return { logits, attention: pool.attention };
    },
  };
}
