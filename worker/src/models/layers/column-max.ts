/**
 * The maximum of each column, with its gradient to one row: the first of those that are equal, as PyTorch's `max(dim=0)`.
 * TensorFlow.js gives the whole gradient to each of equal rows.
 */
import * as tf from '@tensorflow/tfjs-core';

/** [n, width] → [width] */
export function columnMax(x: tf.Tensor2D): tf.Tensor1D {
  const largest = tf.customGrad((rows, save) => {
    (save as unknown as tf.GradSaveFunc)([rows as tf.Tensor]);
    return {
      value: tf.max(rows as tf.Tensor2D, 0),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const rows = tf.range(0, saved.shape[0], 1, 'int32'); // [n]
        const chosen = tf.equal(tf.expandDims(rows, 1), tf.argMax(saved, 0)); // [n, width]
        return tf.mul(tf.cast(chosen, 'float32'), dy); // [n, width]
      },
    };
  });
  return largest(x) as tf.Tensor1D;
}
