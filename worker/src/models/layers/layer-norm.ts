/**
 * Layer normalisation of rows: torch.nn.LayerNorm (Ba, Kiros, Hinton 2016).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';

const EPSILON = 1e-5;

/** `name`.weight and `name`.bias, [width] each. */
export function layerNormParameters(name: string, width: number): Parameter[] {
  return [
    { name: `${name}.weight`, shape: [width], init: { kind: 'constant', value: 1 } },
    { name: `${name}.bias`, shape: [width], init: { kind: 'constant', value: 0 } },
  ];
}

/** x is [n, width], and so is the result: each row with mean 0 and variance 1, then scaled and shifted. */
export function layerNorm(parameters: ParameterTensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 1, true)); // [n, width]
  const variance = tf.mean(tf.square(centred), 1, true); // [n, 1]
  const normal = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON))); // [n, width]
  return tf.add(tf.mul(normal, parameters[`${name}.weight`]), parameters[`${name}.bias`]); // [n, width]
}
