/**
 * Attention pooling smoothed by the Sm operator, with torchmil 1.0.2's names: Castro-Macías et al., NeurIPS 2024,
 * section 4. `where` says what is smoothed: early the embeddings, mid the attention's inner layer, late its scores.
 * In: embeddings [n, width], adjacency. Out: attention [1, n], the pooled embedding [1, width].
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { ACTIVATIONS } from './activation.js';
import type { Adjacency } from './adjacency.js';
import { poolByScores } from './attention.js';
import type { Pooled } from './attention-pool.js';
import { linearParameters, linearWeight } from './initial-values.js';
import { linear, linearWithoutBias } from './linear.js';
import { smOperator } from './sm.js';

export interface SmAttentionPool {
  readonly parameters: readonly Parameter[];
  apply(parameters: ParameterTensors, x: tf.Tensor2D, adjacency: Adjacency): Pooled;
}

export function smAttentionPool(name: string, width: number, config: ModelConfig): SmAttentionPool {
  const { where } = config.sm;
  const sm = smOperator(`${name}.sm`, config.sm);
  return {
    parameters: [
      ...(where === 'none' ? [] : sm.parameters),
      ...linearParameters(`${name}.proj1`, width, config.attention),
      linearWeight(`${name}.proj2`, config.attention, 1),
    ],
    apply(parameters, x, adjacency) {
      const smoothAt = (place: typeof where, y: tf.Tensor2D): tf.Tensor2D =>
        place === where ? sm.apply(parameters, adjacency, y) : y;
      const embeddings = smoothAt('early', x); // [n, width]
      const inner = smoothAt('mid', linear(parameters, `${name}.proj1`, embeddings)); // [n, attention]
      const active = ACTIVATIONS[config.activation](inner); // [n, attention]
      const scores = smoothAt('late', linearWithoutBias(parameters, `${name}.proj2`, active)); // [n, 1]
      return poolByScores(embeddings, scores);
    },
  };
}
