/**
 * The linear layer with PyTorch's layout: y = x·Wᵀ + b.
 * In: rows and the parameters `name`.weight [outputs, inputs], `name`.bias [outputs]. Out: rows.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterTensors } from '../model.js';

/** x is [n, inputs], the result [n, outputs]. */
export function linear(parameters: ParameterTensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(linearWithoutBias(parameters, name, x), parameters[`${name}.bias`]); // [n, outputs]
}

/** x is [n, inputs], the result [n, outputs]. */
export function linearWithoutBias(parameters: ParameterTensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const weight = parameters[`${name}.weight`] as tf.Tensor2D; // [outputs, inputs]
  return tf.matMul(x, weight, false, true); // [n, outputs]
}
