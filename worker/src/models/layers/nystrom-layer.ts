/**
 * A transformer layer with Nyström attention, all of one width, with torchmil 1.0.2's names.
 * In: rows [n, width]. Out: rows [n, width], and the attention of the first on request.
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors, Training } from '../model.js';
import { type Attended, nystromAttention } from './nystrom.js';
import { transformerLayer } from './transformer-layer.js';

export interface NystromLayer {
  readonly parameters: readonly Parameter[];
  apply(parameters: ParameterTensors, x: tf.Tensor2D, training: Training | null): Attended;
}

export function nystromLayer(name: string, settings: ModelConfig['transformer']): NystromLayer {
  const { width, heads, landmarks, pinvIterations } = settings;
  const attention = nystromAttention(`${name}.att_module`, {
    width,
    attention: width,
    heads,
    landmarks: landmarks ?? Math.max(1, Math.floor(width / 2)),
    iterations: pinvIterations,
  });
  const sizes = { width, attention: width, out: width };
  const around = transformerLayer(name, attention.parameters, { ...settings, ...sizes });
  return {
    parameters: around.parameters,
    apply(parameters, x, training) {
      const attended = attention.apply(parameters, around.norm(parameters, x));
      return { ...attended, rows: around.finish(parameters, x, attended.rows, training) }; // [n, width]
    },
  };
}
