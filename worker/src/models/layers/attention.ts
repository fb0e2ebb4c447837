/**
 * Attention pooling: a score per instance, its softmax over the bag, the weighted sum of the embeddings.
 * In: embeddings [n, hidden], scores [n]. Out: attention [n] and the pooled embedding [1, hidden].
 * Ilse, Tomczak, Welling, "Attention-based deep multiple instance learning", ICML 2018.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterTensors } from '../model.js';
import { linear } from './linear.js';

/** Eq. 8 up to the last product: tanh(V·h). */
export function tanhAttention(
  parameters: ParameterTensors,
  tanh: string,
  embeddings: tf.Tensor2D,
): tf.Tensor2D {
  return tf.tanh(linear(parameters, tanh, embeddings)); // [n, attention]
}

/** Eq. 9 up to the last product: tanh(V·h) ⊙ sigmoid(U·h). */
export function gatedAttention(
  parameters: ParameterTensors,
  names: { readonly tanh: string; readonly gate: string },
  embeddings: tf.Tensor2D,
): tf.Tensor2D {
  const gate = tf.sigmoid(linear(parameters, names.gate, embeddings)); // [n, attention]
  return tf.mul(tanhAttention(parameters, names.tanh, embeddings), gate); // [n, attention]
}

/** Eq. 7. The softmax takes off the largest score first, so scores of any size are safe. */
export function attentionPool(
  embeddings: tf.Tensor2D,
  scores: tf.Tensor2D,
): { attention: tf.Tensor1D; pooled: tf.Tensor2D } {
  const row = tf.softmax(tf.reshape<tf.Rank.R2>(scores, [1, -1])); // [1, n]
  const pooled = tf.matMul<tf.Tensor2D>(row, embeddings); // [1, hidden]
  return { attention: tf.reshape<tf.Rank.R1>(row, [-1]), pooled };
}
