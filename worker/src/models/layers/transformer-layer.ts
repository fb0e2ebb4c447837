/**
 * What surrounds an attention in a transformer: z = x + attention(norm(x)), y = z + mlp(norm(z)); torchmil 1.0.2's `Layer`
 * with its names (`norm2` is there without an MLP, too, and stays as it is).
 * In: rows [n, width]. Out: rows [n, out].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors, Training } from '../model.js';
import { dropout } from './dropout.js';
import { gelu } from './gelu.js';
import { linearParameters } from './initial-values.js';
import { layerNorm, layerNormParameters } from './layer-norm.js';
import { linear } from './linear.js';

export interface LayerSettings {
  readonly width: number;
  readonly attention: number;
  readonly out: number;
  readonly mlp: boolean;
  readonly dropout: number;
}

export interface Surround {
  readonly parameters: readonly Parameter[];
  /** `attended` is the attention's result for `norm(x)`, [n, attention]. */
  norm(parameters: ParameterTensors, x: tf.Tensor2D): tf.Tensor2D;
  finish(
    parameters: ParameterTensors,
    x: tf.Tensor2D,
    attended: tf.Tensor2D,
    training: Training | null,
  ): tf.Tensor2D;
}

/** `inner` are the attention's parameters, which come first in the state dict. */
export function transformerLayer(
  name: string,
  inner: readonly Parameter[],
  settings: LayerSettings,
): Surround {
  const { width, attention, out, mlp } = settings;

  function mlpOf(parameters: ParameterTensors, x: tf.Tensor2D, training: Training | null): tf.Tensor2D {
    const active = gelu(linear(parameters, `${name}.mlp_module.0`, x)); // [n, 4 · attention]
    const kept = dropout(active, `${name}.mlp_module.2`, settings.dropout, training); // [n, 4 · attention]
    const narrow = linear(parameters, `${name}.mlp_module.3`, kept); // [n, attention]
    return dropout(narrow, `${name}.mlp_module.4`, settings.dropout, training); // [n, attention]
  }

  return {
    parameters: [
      ...inner,
      ...(width === attention ? [] : linearParameters(`${name}.att_proj`, width, attention)),
      ...(mlp ? linearParameters(`${name}.mlp_module.0`, attention, 4 * attention) : []),
      ...(mlp ? linearParameters(`${name}.mlp_module.3`, 4 * attention, attention) : []),
      ...(out === attention ? [] : linearParameters(`${name}.out_proj`, attention, out)),
      ...layerNormParameters(`${name}.norm1`, width),
      ...layerNormParameters(`${name}.norm2`, attention),
    ],
    norm: (parameters, x) => layerNorm(parameters, `${name}.norm1`, x),
    finish(parameters, x, attended, training) {
      const straight = width === attention ? x : linear(parameters, `${name}.att_proj`, x); // [n, attention]
      const z = tf.add<tf.Tensor2D>(straight, attended); // [n, attention]
      const y = mlp
        ? tf.add<tf.Tensor2D>(z, mlpOf(parameters, layerNorm(parameters, `${name}.norm2`, z), training))
        : z;
      return out === attention ? y : linear(parameters, `${name}.out_proj`, y); // [n, out]
    },
  };
}
