/**
 * What a pseudo-bag of DTFD-MIL hands on to the second tier: Zhang et al., CVPR 2022, section 3.3.
 * In: a pseudo-bag's embeddings [m, width] with attention and class activations. Out: rows [r, width], and how attention
 * on these rows falls on the instances.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { highest, lowest } from './without-gradient.js';

export interface PseudoBag {
  /** [m, width] */
  readonly x: tf.Tensor2D;
  /** [1, m] */
  readonly attention: tf.Tensor2D;
  /** [1, width] */
  readonly pooled: tf.Tensor2D;
  /** [m, outputs] */
  readonly activations: tf.Tensor2D;
  /** [m] int32: indices of its instances in the bag. */
  readonly members: tf.Tensor1D;
}

export interface Distilled {
  /** [r, width] */
  readonly rows: tf.Tensor2D;
  /** From [1, r] to [n], the instances of the whole bag. */
  onto(shares: tf.Tensor2D, n: number): tf.Tensor1D;
}

/**
 * afs: the pooled embedding. max: the embeddings with the highest activation (of the class where it is highest).
 * maxmin: those and the ones with the lowest. `perGroup` null takes all instances for each, as torchmil 1.0.2 does.
 */
export function distil(
  { distill, perGroup }: ModelConfig['dtfd'],
  { x, attention, pooled, activations, members }: PseudoBag,
): Distilled {
  if (distill === 'afs')
    return {
      rows: pooled,
      onto: (share, n) => scatter(members, tf.reshape(tf.mul(attention, share), [-1]), n),
    };
  const evidence = tf.max(activations, 1) as tf.Tensor1D; // [m]
  const k = Math.min(perGroup ?? members.size, members.size);
  const first = highest(evidence, k); // [k]
  const chosen = distill === 'max' ? first : tf.concat([first, lowest(evidence, k)]); // [r]
  return {
    rows: tf.gather(x, chosen), // [r, width]
    onto: (shares, n) => scatter(tf.gather(members, chosen), tf.reshape(shares, [-1]), n), // [n]
  };
}

/** Sums `values` [r] at their places. */
function scatter(places: tf.Tensor1D, values: tf.Tensor1D, n: number): tf.Tensor1D {
  return tf.unsortedSegmentSum(values, places, n); // [n]
}
