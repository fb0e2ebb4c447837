/**
 * Attention: a score per instance, its softmax over the bag, the weighted sum of the embeddings.
 * In: embeddings [n, hidden], scores [n, branches]. Out: attention [branches, n], pooled embeddings [branches, hidden].
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
export function poolByScores(
  embeddings: tf.Tensor2D,
  scores: tf.Tensor2D,
): { attention: tf.Tensor2D; pooled: tf.Tensor2D } {
  const attention = attentionOf(scores); // [branches, n]
  return { attention, pooled: tf.matMul(attention, embeddings) }; // [branches, hidden]
}

/** [n, branches] → [branches, n]. A single branch is reshaped: a transposition would copy. */
function attentionOf(scores: tf.Tensor2D): tf.Tensor2D {
  const [n, branches] = scores.shape;
  return tf.softmax(branches === 1 ? tf.reshape(scores, [1, n]) : tf.transpose(scores));
}

/** What heat maps show of attention [1, n]. */
export function asRow(x: tf.Tensor): tf.Tensor1D {
  return tf.reshape<tf.Rank.R1>(x, [-1]);
}
