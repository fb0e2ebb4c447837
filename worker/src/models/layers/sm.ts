/**
 * The Sm operator, which smooths values over a bag's graph: Castro-Macías et al., "Sm: enhanced localization in Multiple
 * Instance Learning for medical imaging classification", NeurIPS 2024, eq. 11 (exact) and 12 (approximate).
 * In: rows u [n, width], the normalised adjacency A. Out: rows of the same shape. Names are torchmil 1.0.2's.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { type Adjacency, propagate } from './adjacency.js';
import { solveSmoothing } from './solve-smoothing.js';

export interface Sm {
  readonly parameters: readonly Parameter[];
  apply(parameters: ParameterTensors, adjacency: Adjacency, u: tf.Tensor2D): tf.Tensor2D;
}

/** γ = 1 at first, so α = 1/2. */
const FIRST_GAMMA = 1;

export function smOperator(name: string, { mode, alpha, steps }: ModelConfig['sm']): Sm {
  const coefficient = `${name}.sm.coef`;
  const trained = alpha === 'trainable';
  const gammaOf = (parameters: ParameterTensors): tf.Scalar =>
    trained ? (parameters[coefficient] as tf.Scalar) : tf.scalar(1 / (1 - alpha) - 1); // []
  return {
    parameters: trained
      ? [{ name: coefficient, shape: [], init: { kind: 'constant', value: FIRST_GAMMA } }]
      : [],
    apply: (parameters, adjacency, u) =>
      mode === 'exact'
        ? solveSmoothing(gammaOf(parameters), adjacency, u)
        : approximate(gammaOf(parameters), adjacency, u, steps),
  };
}

/** G(t) = α A G(t-1) + (1-α) U with L = I - A and γ = α / (1-α). torchmil calls 1-α alpha. */
function approximate(gamma: tf.Scalar, adjacency: Adjacency, u: tf.Tensor2D, steps: number): tf.Tensor2D {
  const kept = tf.reciprocal(tf.add(gamma, 1)) as tf.Scalar; // [], 1-α
  const own = tf.mul<tf.Tensor2D>(u, tf.sub(1, kept)); // [n, width]
  let smooth = u; // [n, width]
  for (let step = 0; step < steps; step++) smooth = tf.add(own, tf.mul(propagate(adjacency, smooth), kept)); // [n, width]
  return smooth;
}
