/**
 * Dropout by a mask that is a function of (seed, epoch, bag, purpose): the same on every worker.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Training } from '../model.js';

/** x itself in inference or at rate 0, else x with a share `rate` of its entries zero and the rest scaled up. */
export function dropout<T extends tf.Tensor>(
  x: T,
  purpose: string,
  rate: number,
  training: Training | null,
): T {
  if (training === null || rate === 0) return x;
  return tf.mul(x, training.mask(purpose, x.shape, rate)); // as x
}
