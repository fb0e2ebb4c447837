/**
 * Linear layers with ReLU between them, named as torch.nn.Sequential counts: `name`.0, `name`.2, `name`.4.
 * In: rows [n, width]. Out: rows [n, last of sizes].
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { linearParameters } from './initial-values.js';
import { linear } from './linear.js';
import { relu } from './relu.js';

export interface Mlp {
  readonly parameters: readonly Parameter[];
  apply(parameters: ParameterTensors, x: tf.Tensor2D): tf.Tensor2D;
}

export function mlp(name: string, width: number, sizes: readonly number[]): Mlp {
  return {
    parameters: sizes.flatMap((size, i) =>
      linearParameters(`${name}.${2 * i}`, i === 0 ? width : sizes[i - 1], size),
    ),
    apply: (parameters, x) =>
      sizes.reduce(
        (y, _, i) => linear(parameters, `${name}.${2 * i}`, i === 0 ? y : relu(y)), // [n, sizes[i]]
        x,
      ),
  };
}
