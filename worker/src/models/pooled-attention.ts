/**
 * Attention by a multi-layer perceptron, and a classifier of several layers: once on the pooled embedding, once on each
 * instance's share of it (additive).
 * In: features [n, width]. Out: logits [outputs], attention [n]; additive also instance logits [n, outputs], whose sum
 * over the bag is the bag's logits.
 * Javed et al., "Additive MIL: Intrinsically interpretable multiple instance learning for pathology", NeurIPS 2022, eq. 2
 * (attention MIL) and 4 (additive MIL).
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow, poolByScores } from './layers/attention.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { mlp } from './layers/mlp.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';

const ATTENTION = 'pooling';
const CLASSIFIER = 'classifier';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function pooledAttention(config: ModelConfig, data: ModelInput): MilModel {
  const { embedding, attention, classifier } = partsOf(config, data);
  return {
    parameters: [...embedding.parameters, ...attention.parameters, ...classifier.parameters],
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const pool = poolByScores(embeddings, attention.apply(parameters, embeddings)); // [1, n], [1, width]
      return { logits: asRow(classifier.apply(parameters, pool.pooled)), attention: asRow(pool.attention) };
    },
  };
}

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function additive(config: ModelConfig, data: ModelInput): MilModel {
  const { embedding, attention, classifier } = partsOf(config, data);
  return {
    parameters: [...embedding.parameters, ...attention.parameters, ...classifier.parameters],
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const shares = tf.softmax(asRow(attention.apply(parameters, embeddings))); // [n]
      const attended = tf.mul<tf.Tensor2D>(embeddings, tf.expandDims(shares, 1)); // [n, width]
      const instanceLogits = classifier.apply(parameters, attended); // [n, outputs]
      return { logits: asRow(tf.sum(instanceLogits, 0)), attention: shares, instanceLogits };
    },
  };
}

function partsOf(config: ModelConfig, data: ModelInput) {
  const embedding = featureExtractor(config, data);
  const { attentionLayers, classifierLayers } = config.pooled;
  return {
    embedding,
    attention: mlp(ATTENTION, embedding.width, [...attentionLayers, 1]),
    classifier: mlp(CLASSIFIER, embedding.width, [...classifierLayers, data.outputs]),
  };
}
