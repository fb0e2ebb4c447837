/**
 * TransMIL's position encoding: the instances in a square, and three depthwise convolutions over it added up.
 * Shao et al., "TransMIL", NeurIPS 2021, algorithm 3 (PPEG), with torchmil's names.
 * In: rows [side² + 1, width], the class token first. Out: rows of the same shape; the class token as it was.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { convParameters } from './initial-values.js';

const KERNELS = [
  ['proj', 7],
  ['proj1', 5],
  ['proj2', 3],
] as const;

/** `name`.proj, proj1 and proj2: weights [width, 1, size, size] and biases [width]. */
export function ppegParameters(name: string, width: number): Parameter[] {
  return KERNELS.flatMap(([layer, size]) => convParameters(`${name}.${layer}`, 1, width, size));
}

export function ppeg(parameters: ParameterTensors, name: string, x: tf.Tensor2D, side: number): tf.Tensor2D {
  const [, width] = x.shape;
  const token = tf.slice(x, [0, 0], [1, width]); // [1, width]
  const square = tf.reshape<tf.Rank.R4>(tf.slice(x, [1, 0]), [1, side, side, width]); // [1, side, side, width]
  const sum = KERNELS.map(([layer]) => depthwise(parameters, `${name}.${layer}`, square)).reduce(
    (total, maps) => tf.add(total, maps),
    square,
  ); // [1, side, side, width]
  return tf.concat([token, tf.reshape<tf.Rank.R2>(sum, [side * side, width])]); // [side² + 1, width]
}

function depthwise(parameters: ParameterTensors, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const weight = parameters[`${name}.weight`] as tf.Tensor4D; // [width, 1, size, size]
  const filter = tf.transpose(weight, [2, 3, 0, 1]); // [size, size, width, 1]
  return tf.add(tf.depthwiseConv2d(x, filter, 1, 'same'), parameters[`${name}.bias`]); // as x
}
