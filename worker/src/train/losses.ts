/**
 * The loss of one bag, and the weight at which it enters the mean over the batch.
 * In: logits [outputs], the bag's class index. Out: a scalar tensor.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The sum of the batch is divided by the sum of these. */
export const BAG_WEIGHT = 1;

/**
 * One logit: binary cross-entropy with logits, label 1 being positive. Several: cross-entropy of the softmax.
 * `posWeight` multiplies the loss of positive bags and not their weight, as `pos_weight` of PyTorch's
 * BCEWithLogitsLoss does with its mean; it has no meaning for several logits.
 */
export function bagLoss(logits: tf.Tensor1D, label: number, posWeight: number): tf.Scalar {
  return logits.size === 1 ? binaryCrossEntropy(logits, label, posWeight) : crossEntropy(logits, label);
}

/** -log sigmoid(x) = softplus(-x) for a positive bag, -log(1 - sigmoid(x)) = softplus(x) for a negative one. */
function binaryCrossEntropy(logits: tf.Tensor1D, label: number, posWeight: number): tf.Scalar {
  const logit = tf.reshape<tf.Rank.R0>(logits, []); // []
  return label === 1 ? tf.mul(tf.softplus(tf.neg(logit)), posWeight) : tf.softplus(logit); // []
}

function crossEntropy(logits: tf.Tensor1D, label: number): tf.Scalar {
  const logProbability = tf.slice(tf.logSoftmax(logits), label, 1); // [1]
  return tf.neg(tf.reshape<tf.Rank.R0>(logProbability, [])); // []
}
