/**
 * Multi-head self-attention without bias: Vaswani et al. 2017, eq. 1, with torchmil 1.0.2's names.
 * In: rows [n, width]. Out: rows [n, attention]. All pairs of instances are compared: memory grows with n².
 */
import * as tf from '@tensorflow/tfjs-core';
import { dropout } from './dropout.js';
import { linearWeight } from './initial-values.js';
import type { RowLayer } from './layer.js';
import { linearWithoutBias } from './linear.js';

export interface HeadSettings {
  readonly width: number;
  /** Width of all heads together. */
  readonly attention: number;
  readonly heads: number;
  readonly dropout: number;
}

export function multiHeadAttention(name: string, settings: HeadSettings): RowLayer {
  const { width, attention, heads } = settings;
  return {
    parameters: [linearWeight(`${name}.qkv_nn`, width, 3 * attention)],
    width: attention,
    apply(parameters, x, training) {
      const [q, k, v] = splitHeads(linearWithoutBias(parameters, `${name}.qkv_nn`, x), heads); // [heads, n, d] each
      const scaled = tf.mul<tf.Tensor3D>(q, 1 / Math.sqrt(attention / heads)); // [heads, n, d]
      const shares = tf.softmax(tf.matMul(scaled, k, false, true)); // [heads, n, n]
      const kept = dropout(shares, name, settings.dropout, training); // [heads, n, n]
      return joinHeads(tf.matMul(kept, v)); // [n, attention]
    },
  };
}

/** [n, 3 · heads · d] → queries, keys and values, [heads, n, d] each. */
export function splitHeads(qkv: tf.Tensor2D, heads: number): [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
  const [n, width] = qkv.shape;
  const apart = tf.reshape<tf.Rank.R4>(qkv, [n, 3, heads, width / 3 / heads]);
  const parts = tf.unstack(tf.transpose(apart, [1, 2, 0, 3])); // 3 × [heads, n, d]
  return parts as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
}

/** [heads, n, d] → [n, heads · d]. */
export function joinHeads(x: tf.Tensor3D): tf.Tensor2D {
  const [heads, n, d] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [n, heads * d]);
}
