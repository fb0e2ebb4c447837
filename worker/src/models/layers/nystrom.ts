/**
 * Nyström attention: self-attention through a few landmarks, so that time and memory grow with n and not with n².
 * Xiong et al., "Nyströmformer", AAAI 2021, eq. 13 to 15, without the convolution of the values, as torchmil 1.0.2 has it.
 * In: rows [n, width]. Out: rows [n, attention], and the attention of the first row on request.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { linearWeight } from './initial-values.js';
import { linearWithoutBias } from './linear.js';
import { joinHeads, splitHeads } from './multi-head.js';

export interface NystromSettings {
  readonly width: number;
  /** Width of all heads together. */
  readonly attention: number;
  readonly heads: number;
  readonly landmarks: number;
  /** Of the iteration for the pseudo-inverse. */
  readonly iterations: number;
}

export interface Attended {
  /** [n, attention] */
  readonly rows: tf.Tensor2D;
  /** [n]: how much the first row takes of each, the mean over heads. Approximated: may lie outside 0 … 1. */
  ofFirstRow(): tf.Tensor1D;
}

export interface NystromAttention {
  readonly parameters: readonly Parameter[];
  apply(parameters: ParameterTensors, x: tf.Tensor2D): Attended;
}

export function nystromAttention(name: string, settings: NystromSettings): NystromAttention {
  const { width, attention, heads, landmarks, iterations } = settings;
  return {
    parameters: [linearWeight(`${name}.qkv_nn`, width, 3 * attention)],
    apply(parameters, x) {
      const [n] = x.shape;
      const added = (landmarks - (n % landmarks)) % landmarks;
      const padded =
        added === 0
          ? x
          : tf.pad(x, [
              [added, 0],
              [0, 0],
            ]); // [m·l, width], zeros first
      const qkv = linearWithoutBias(parameters, `${name}.qkv_nn`, padded); // [m·l, 3 · attention]
      const [plain, k, v] = splitHeads(qkv, heads); // [heads, m·l, d] each
      const q = tf.mul<tf.Tensor3D>(plain, 1 / Math.sqrt(attention / heads)); // [heads, m·l, d]
      const [qMeans, kMeans] = [landmarksOf(q, landmarks), landmarksOf(k, landmarks)]; // [heads, m, d] each
      const toLandmarks = shares(q, kMeans); // [heads, m·l, m]
      const inverse = pseudoInverse(shares(qMeans, kMeans), iterations); // [heads, m, m]
      const fromLandmarks = shares(qMeans, k); // [heads, m, m·l]
      const left = tf.matMul(toLandmarks, inverse); // [heads, m·l, m]
      const rows = joinHeads(tf.matMul(left, tf.matMul(fromLandmarks, v))); // [m·l, attention]
      return {
        rows: tf.slice(rows, [added, 0]), // [n, attention]
        ofFirstRow: () => {
          const first = tf.slice(left, [0, added, 0], [heads, 1, landmarks]); // [heads, 1, m]
          const all = tf.mean(tf.matMul(first, fromLandmarks), 0); // [1, m·l]
          return tf.slice(tf.reshape<tf.Rank.R1>(all, [-1]), added); // [n]
        },
      };
    },
  };
}

/** [heads, a, d] and [heads, b, d] → [heads, a, b], rows with sum 1. */
function shares(queries: tf.Tensor3D, keys: tf.Tensor3D): tf.Tensor3D {
  return tf.softmax(tf.matMul(queries, keys, false, true));
}

/** Means of runs of equal length: [heads, m·l, d] → [heads, m, d]. */
function landmarksOf(x: tf.Tensor3D, landmarks: number): tf.Tensor3D {
  const [heads, n, d] = x.shape;
  return tf.mean(tf.reshape<tf.Rank.R4>(x, [heads, landmarks, n / landmarks, d]), 2);
}

/** Razavi et al. 2014 as Nyströmformer's eq. 14; the first guess takes the largest sums over all heads. */
function pseudoInverse(x: tf.Tensor3D, iterations: number): tf.Tensor3D {
  const size = tf.abs(x); // [heads, m, m]
  const largest = tf.mul(tf.max(tf.sum(size, 2)), tf.max(tf.sum(size, 1))); // []
  const one = tf.eye(x.shape[1]); // [m, m]
  let z = tf.div<tf.Tensor3D>(tf.transpose(x, [0, 2, 1]), largest); // [heads, m, m]
  for (let i = 0; i < iterations; i++) {
    const xz = tf.matMul(x, z); // [heads, m, m]
    const inner = tf.sub<tf.Tensor3D>(tf.mul(one, 15), tf.matMul(xz, tf.sub(tf.mul(one, 7), xz))); // [heads, m, m]
    const outer = tf.sub<tf.Tensor3D>(tf.mul(one, 13), tf.matMul(xz, inner)); // [heads, m, m]
    z = tf.mul(tf.matMul(z, outer), 0.25); // [heads, m, m]
  }
  return z;
}
