/**
 * GELU by the error function, as torch.nn.GELU has it by default (Hendrycks and Gimpel 2016).
 */
import * as tf from '@tensorflow/tfjs-core';

/** x · Φ(x), with Φ the distribution function of N(0, 1). */
export function gelu<T extends tf.Tensor>(x: T): T {
  const twice = tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1); // as x, 2Φ(x)
  return tf.mul(tf.mul(x, 0.5), twice); // as x
}
