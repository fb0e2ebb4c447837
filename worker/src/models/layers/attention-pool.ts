/**
 * Attention pooling with torchmil 1.0.2's names: `name`.fc1, `name`.fc2 and, gated, `name`.fc_gated.
 * In: embeddings [n, width]. Out: attention [n], the pooled embedding [1, width].
 * Ilse, Tomczak, Welling, "Attention-based deep multiple instance learning", ICML 2018, eq. 7 to 9. As in torchmil the
 * last layer has no bias: softmax would not see it.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { ACTIVATIONS } from './activation.js';
import { poolByScores } from './attention.js';
import { linearParameters, linearWeight } from './initial-values.js';
import { linear, linearWithoutBias } from './linear.js';

export interface PoolSettings {
  readonly width: number;
  readonly attention: number;
  readonly activation?: ModelConfig['activation'];
  readonly gated?: boolean;
  /** One row of scores per branch; CLAM-MB has one per class. */
  readonly branches?: number;
  /** What follows `fc1` and `fc_gated` in names: torchmil's lazily sized layers are wrapped in `.module`. */
  readonly wrapped?: string;
}

export interface Pooled {
  /** [branches, n], each row non-negative with sum 1. */
  readonly attention: tf.Tensor2D;
  /** [branches, width] */
  readonly pooled: tf.Tensor2D;
}

export interface AttentionPool {
  readonly parameters: readonly Parameter[];
  /** [n, branches], before the softmax. */
  scores(parameters: ParameterTensors, x: tf.Tensor2D): tf.Tensor2D;
  apply(parameters: ParameterTensors, x: tf.Tensor2D): Pooled;
}

export function attentionPool(name: string, settings: PoolSettings): AttentionPool {
  const {
    width,
    attention,
    activation = 'tanh',
    gated = false,
    branches = 1,
    wrapped = '.module',
  } = settings;
  const inner = `${name}.fc1${wrapped}`;
  const gate = `${name}.fc_gated${wrapped}`;
  const score = `${name}.fc2`;

  function scores(parameters: ParameterTensors, x: tf.Tensor2D): tf.Tensor2D {
    const active = ACTIVATIONS[activation](linear(parameters, inner, x)); // [n, attention]
    if (!gated) return linearWithoutBias(parameters, score, active); // [n, branches]
    const open = tf.sigmoid(linear(parameters, gate, x)); // [n, attention]
    return linearWithoutBias(parameters, score, tf.mul(active, open)); // [n, branches]
  }

  return {
    parameters: [
      ...linearParameters(inner, width, attention),
      linearWeight(score, attention, branches),
      ...(gated ? linearParameters(gate, width, attention) : []),
    ],
    scores,
    apply: (parameters, x) => poolByScores(x, scores(parameters, x)),
  };
}
