/**
 * The smooth top-1 SVM: Berrada, Zisserman, Kumar, "Smooth loss functions for deep top-k classification", ICLR 2018,
 * with margin 1 and temperature 1, as CLAM takes it for its instances.
 * In: logits [n, classes], a class per row. Out: the mean loss, a scalar.
 */
import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from './without-gradient.js';

/** Where the largest logit leads by so much, the maximum itself is taken: the authors' threshold of 1,000 on exp. */
const CLEAR_LEAD = Math.log(1e3);

export function smoothTop1Svm(logits: tf.Tensor2D, targets: readonly number[]): tf.Scalar {
  const [, classes] = logits.shape;
  const truth = tf.oneHot(tf.tensor1d([...targets], 'int32'), classes) as tf.Tensor2D; // [n, classes]
  const own = tf.sum(tf.mul(logits, truth), 1, true); // [n, 1]
  const margins = tf.sub(tf.add(logits, tf.sub(1, truth)), own); // [n, classes]
  const smooth = tf.logSumExp(margins, 1); // [n]
  const hard = tf.max(margins, 1); // [n]
  const clear = withoutGradient(() => isClear(logits)); // [n]
  return tf.mean(tf.where(clear, hard, smooth));
}

/** [n, classes] → [n] */
function isClear(logits: tf.Tensor2D): tf.Tensor1D {
  const { values } = tf.topk(logits, 2); // [n, 2]
  const lead = tf.sub(tf.slice(values, [0, 0], [-1, 1]), tf.slice(values, [0, 1], [-1, 1])); // [n, 1]
  return tf.greaterEqual(tf.reshape<tf.Rank.R1>(lead, [-1]), CLEAR_LEAD); // [n]
}
