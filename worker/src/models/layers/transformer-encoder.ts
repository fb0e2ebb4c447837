/**
 * A transformer encoder over the instances of a bag, with torchmil 1.0.2's names: layers of self-attention, each with
 * the input added once more (`addSelf`), and a normalisation. With `sm` the Sm operator smooths what each attention gives.
 * In: rows [n, width], the graph's adjacency where `sm` is given. Out: rows [n, width].
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors, Training } from '../model.js';
import type { Adjacency } from './adjacency.js';
import { layerNorm, layerNormParameters } from './layer-norm.js';
import { multiHeadAttention } from './multi-head.js';
import { smOperator } from './sm.js';
import { transformerLayer } from './transformer-layer.js';

export interface TransformerEncoder {
  readonly parameters: readonly Parameter[];
  apply(
    parameters: ParameterTensors,
    x: tf.Tensor2D,
    training: Training | null,
    adjacency: Adjacency | null,
  ): tf.Tensor2D;
}

export function transformerEncoder(
  name: string,
  width: number,
  settings: ModelConfig['transformer'],
  sm: ModelConfig['sm'] | null,
): TransformerEncoder {
  const layers = Array.from({ length: settings.layers }, (_, i) => {
    const ends = { first: i === 0, last: i === settings.layers - 1 };
    return encoderLayer(`${name}.layers.${i}`, width, settings, ends, sm);
  });
  return {
    parameters: [
      ...layers.flatMap((layer) => layer.parameters),
      ...layerNormParameters(`${name}.norm`, width),
    ],
    apply(parameters, x, training, adjacency) {
      let y = x; // [n, width], between layers [n, settings.width]
      for (const layer of layers) {
        const next = layer.apply(parameters, y, training, adjacency); // as y, [n, width] at the end
        y = settings.addSelf ? tf.add(next, x) : next;
      }
      return layerNorm(parameters, `${name}.norm`, y); // [n, width]
    },
  };
}

function encoderLayer(
  name: string,
  width: number,
  settings: ModelConfig['transformer'],
  { first, last }: { readonly first: boolean; readonly last: boolean },
  sm: ModelConfig['sm'] | null,
): TransformerEncoder {
  const attention = settings.width;
  const sizes = { width: first ? width : attention, attention };
  const heads = multiHeadAttention(`${name}.att_module`, { ...settings, ...sizes });
  const smooth = sm && smOperator(`${name}.att_module.sm`, sm);
  const inner = [...heads.parameters, ...(smooth?.parameters ?? [])];
  const around = transformerLayer(name, inner, { ...settings, ...sizes, out: last ? width : attention });
  return {
    parameters: around.parameters,
    apply(parameters, x, training, adjacency) {
      const attended = heads.apply(parameters, around.norm(parameters, x), training); // [n, attention]
      const told = smooth && adjacency ? smooth.apply(parameters, adjacency, attended) : attended; // [n, attention]
      return around.finish(parameters, x, told, training); // [n, out]
    },
  };
}
