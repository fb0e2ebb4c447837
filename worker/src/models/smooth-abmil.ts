/**
 * Smooth attention: ABMIL with a deeper attention, whose scores f are to differ little between neighbours.
 * In: features [n, width], the graph. Out: logits [outputs], attention [n]; training adds fᵀ L f / n, L = I - A.
 * Wu et al., "Smooth attention for deep multiple instance learning", MICCAI 2023, eq. 6, as torchmil 1.0.2's `SmoothABMIL`.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';
import { normalisedAdjacency, propagate } from './layers/adjacency.js';
import { asRow, poolByScores } from './layers/attention.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { gelu } from './layers/gelu.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import type { MilModel, ParameterTensors } from './model.js';
import type { ModelInput } from './model-input.js';

const CLASSIFIER = 'classifier.module';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function smoothAbmil(config: ModelConfig, data: ModelInput): MilModel {
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const inner = 2 * config.attention;

  function scoresOf(parameters: ParameterTensors, x: tf.Tensor2D): tf.Tensor2D {
    const first = gelu(linear(parameters, 'pool.in_mlp.0.module', x)); // [n, inner]
    const second = gelu(linear(parameters, 'pool.in_mlp.2', first)); // [n, inner]
    return linear(parameters, 'pool.mu_f_nn', second); // [n, 1]
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...linearParameters('pool.in_mlp.0.module', width, inner),
      ...linearParameters('pool.in_mlp.2', inner, inner),
      ...linearParameters('pool.mu_f_nn', inner, 1),
      ...linearParameters(CLASSIFIER, width, data.outputs),
    ],
    needs: { graph: true },
    forward(parameters, { features, graph }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const [n] = embeddings.shape;
      const scores = scoresOf(parameters, embeddings); // [n, 1]
      const { attention, pooled } = poolByScores(embeddings, scores); // [1, n], [1, hidden]
      const logits = asRow(linear(parameters, CLASSIFIER, pooled)); // [outputs]
      return {
        logits,
        attention: asRow(attention),
        objective({ loss }) {
          const around = propagate(normalisedAdjacency(graph as BagGraph, n), scores); // [n, 1]
          const roughness = tf.mul(tf.sum(tf.mul(scores, tf.sub(scores, around))), 1 / n); // []
          return tf.add(loss(logits), roughness); // []
        },
      };
    },
  };
}
