/**
 * GraphConv: Morris et al., "Weisfeiler and Leman go neural", AAAI 2019, with PyTorch Geometric's names:
 * y_i = W_rel · aggregate(x_j over edges j → i) + b + W_root · x_i.
 * In: rows [n, width], the graph as a matrix (the mean or the sum of neighbours). Out: rows [n, out].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { type Adjacency, propagate } from './adjacency.js';
import { linearParameters, linearWeight } from './initial-values.js';
import { linear, linearWithoutBias } from './linear.js';

export function graphConvParameters(name: string, width: number, out: number): Parameter[] {
  return [...linearParameters(`${name}.lin_rel`, width, out), linearWeight(`${name}.lin_root`, width, out)];
}

export function graphConv(
  parameters: ParameterTensors,
  name: string,
  x: tf.Tensor2D,
  adjacency: Adjacency,
): tf.Tensor2D {
  const around = linear(parameters, `${name}.lin_rel`, propagate(adjacency, x)); // [n, out]
  return tf.add(around, linearWithoutBias(parameters, `${name}.lin_root`, x)); // [n, out]
}
