/**
 * A linear layer and ReLU, y = max(0, x·Wᵀ + b), without keeping what lies between: a large bag's embedding is all its
 * memory.
 * In: rows [n, inputs] and the parameters `name`.weight, `name`.bias. Out: rows [n, outputs].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterTensors } from '../model.js';
import { linearWithoutBias } from './linear.js';
import { RELU_GRAD } from './relu.js';

export function linearRelu(parameters: ParameterTensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const bias = parameters[`${name}.bias`] as tf.Tensor1D; // [outputs]
  return addRelu(linearWithoutBias(parameters, name, x), bias); // [n, outputs]
}

/** max(0, x + b); the gradient at 0 is 0, as PyTorch has it. */
const addRelu = tf.customGrad((x, bias, save) => {
  const y = tf.tidy(() => tf.relu(tf.add(x as tf.Tensor2D, bias as tf.Tensor1D))); // [n, outputs]
  (save as unknown as tf.GradSaveFunc)([y]);
  return {
    value: y,
    gradFunc: (dy: tf.Tensor, [active]: tf.Tensor[]) => {
      const dx = tf.engine().runKernel(RELU_GRAD, { dy, y: active }) as tf.Tensor; // [n, outputs]
      return [dx, tf.sum(dx, 0)]; // [n, outputs], [outputs]
    },
  };
}) as (x: tf.Tensor2D, bias: tf.Tensor1D) => tf.Tensor2D;
