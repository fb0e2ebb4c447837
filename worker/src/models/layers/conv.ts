/**
 * Convolution and pooling of tiles, with PyTorch's weight layout.
 * In: tiles [n, height, width, channels] and the parameters `name`.weight [outputs, inputs, size, size],
 * `name`.bias [outputs]. Out: feature maps in the same order of axes.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterTensors } from '../model.js';

/** Stride 1, no padding: height and width shrink by size - 1. */
export function conv(parameters: ParameterTensors, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const weight = parameters[`${name}.weight`] as tf.Tensor4D; // [outputs, inputs, size, size]
  const filter = tf.transpose(weight, [2, 3, 1, 0]); // [size, size, inputs, outputs]
  return tf.add(tf.conv2d(x, filter, 1, 'valid'), parameters[`${name}.bias`]); // [n, h-size+1, w-size+1, outputs]
}

/** The largest of each 2 × 2 square; an odd last row or column is left out, as PyTorch does. */
export function halve(x: tf.Tensor4D): tf.Tensor4D {
  return tf.maxPool(x, 2, 2, 'valid'); // [n, ⌊h/2⌋, ⌊w/2⌋, channels]
}

/** One row per tile in PyTorch's order, channels before rows before columns. */
export function flattenChannelsFirst(x: tf.Tensor4D): tf.Tensor2D {
  const [n, height, width, channels] = x.shape;
  const channelsFirst = tf.transpose(x, [0, 3, 1, 2]); // [n, channels, h, w]
  return tf.reshape(channelsFirst, [n, channels * height * width]); // [n, channels·h·w]
}
