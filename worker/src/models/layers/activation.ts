/**
 * The activations that a job can name.
 */
import type { ATTENTION_ACTIVATIONS } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { gelu } from './gelu.js';
import { relu } from './relu.js';

type Activation = (typeof ATTENTION_ACTIVATIONS)[number];

/** Entry by entry: the shape stays. */
export const ACTIVATIONS: Readonly<Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D>> = {
  tanh: (x) => tf.tanh(x),
  relu: (x) => relu(x),
  gelu: (x) => gelu(x),
};
