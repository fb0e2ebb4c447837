/**
 * What is computed from tensors but counts as a constant: which instances were chosen, where a case begins.
 * TensorFlow.js would otherwise look for the gradient of indices and comparisons, which there is not.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The tape is off while a custom gradient's forward pass runs, and one without inputs leads nowhere. */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}

/** [k] indices of the highest of [n], highest first, of equals the first. */
export function highest(scores: tf.Tensor1D, k: number): tf.Tensor1D {
  return withoutGradient(() => tf.topk(scores, k).indices);
}

/** Likewise of the lowest. */
export function lowest(scores: tf.Tensor1D, k: number): tf.Tensor1D {
  return withoutGradient(() => tf.topk(tf.neg(scores), k).indices);
}
