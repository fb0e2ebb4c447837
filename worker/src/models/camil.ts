/**
 * CAMIL: a Nyström transformer layer for the whole, an attention among neighbours for the context, both mixed by a gate
 * and pooled.
 * In: features [n, width], the bag's graph. Out: logits [outputs], attention [n].
 * Fourkioti, De Vries, Bakal, "CAMIL: Context-aware multiple instance learning", ICLR 2024, eq. 3 to 7, with torchmil
 * 1.0.2's names. The sum Σ_j a_ij q_i·k_j is taken as q_i·(A k)_i, so that memory grows with the edges and not with n².
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';
import { type Adjacency, normalisedAdjacency, propagate } from './layers/adjacency.js';
import { asRow, poolByScores } from './layers/attention.js';
import { attentionPool } from './layers/attention-pool.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters, linearWeight } from './layers/initial-values.js';
import { linear, linearWithoutBias } from './layers/linear.js';
import { nystromLayer } from './layers/nystrom-layer.js';
import { refuseUnevenHeads } from './layers/refuse-transformer.js';
import type { MilModel, ParameterTensors } from './model.js';
import type { ModelInput } from './model-input.js';

const CONTEXT = 'camil_self_attention';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function camil(config: ModelConfig, data: ModelInput): MilModel {
  const { width } = config.transformer;
  refuseUnevenHeads(config);
  const embedding = featureExtractor(config, data);
  const narrowed = embedding.width !== width;
  const layer = nystromLayer('nystrom_transformer_layer', config.transformer);
  const pool = attentionPool('camil_att_pool', { ...config, activation: 'tanh', width, wrapped: '' });

  /** [n, width] → [n, width]: each instance's value by how well it fits its neighbours. */
  function context(parameters: ParameterTensors, x: tf.Tensor2D, adjacency: Adjacency): tf.Tensor2D {
    const [q, k] = tf.split(linearWithoutBias(parameters, `${CONTEXT}.qk_nn`, x), 2, 1) as tf.Tensor2D[]; // [n, width] each
    const around = tf.mul(q, propagate(adjacency, k)); // [n, width]
    const fit = tf.mul(tf.sum(around, 1, true), 1 / Math.sqrt(width)); // [n, 1]
    const shares = tf.transpose(tf.softmax(tf.transpose(fit))); // [n, 1]
    return tf.mul(linearWithoutBias(parameters, `${CONTEXT}.v_nn`, x), shares); // [n, width]
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...(narrowed ? linearParameters('fc1', embedding.width, width) : []),
      ...layer.parameters,
      linearWeight(`${CONTEXT}.qk_nn`, width, 2 * width),
      linearWeight(`${CONTEXT}.v_nn`, width, width),
      ...pool.parameters,
      ...linearParameters('classifier', width, data.outputs),
    ],
    needs: { graph: true },
    forward(parameters, { features, graph }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const narrow = narrowed ? linear(parameters, 'fc1', embeddings) : embeddings; // [n, width]
      const whole = layer.apply(parameters, narrow, training).rows; // [n, width]
      const adjacency = normalisedAdjacency(graph as BagGraph, narrow.shape[0]);
      const local = context(parameters, whole, adjacency); // [n, width]
      const gate = tf.sigmoid(local); // [n, width]
      const mixed = tf.add<tf.Tensor2D>(tf.mul(gate, local), tf.mul(tf.sub(1, gate), whole)); // [n, width]
      const { attention, pooled } = poolByScores(mixed, pool.scores(parameters, whole)); // [1, n], [1, width]
      return { logits: asRow(linear(parameters, 'classifier', pooled)), attention: asRow(attention) };
    },
  };
}
