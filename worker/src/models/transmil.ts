/**
 * TransMIL: the instances in a square, Nyström transformer layers over them with a class token, and position encoding by
 * convolution after the first.
 * In: features [n, width]. Out: logits [outputs], attention of the class token [n] (approximated, see nystrom.ts).
 * Shao et al., "TransMIL", NeurIPS 2021, algorithms 1 to 3, with torchmil 1.0.2's names and layers.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow } from './layers/attention.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { layerNorm, layerNormParameters } from './layers/layer-norm.js';
import { linear } from './layers/linear.js';
import { nystromLayer } from './layers/nystrom-layer.js';
import { ppeg, ppegParameters } from './layers/ppeg.js';
import { refuseUnevenHeads } from './layers/refuse-transformer.js';
import type { MilModel, Parameter, ParameterTensors } from './model.js';
import { type ModelInput, refuseSetting } from './model-input.js';

const POSITIONS = 'pos_layer';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors, for fewer than two layers, or uneven heads */
export function transmil(config: ModelConfig, data: ModelInput): MilModel {
  const { transformer } = config;
  const { width } = transformer;
  if (transformer.layers < 2)
    throw refuseSetting(config, 'transformer.layers', transformer.layers, 'two at least');
  refuseUnevenHeads(config);
  const embedding = featureExtractor(config, data);
  const narrowed = embedding.width !== width;
  const token: Parameter = { name: 'cls_token', shape: [1, 1, width], init: { kind: 'normal' } };
  const layers = Array.from({ length: transformer.layers }, (_, i) =>
    nystromLayer(`layers.${i}`, transformer),
  );

  /** [n, width] → [side² + 1, width]: the class token, the instances, and the first ones again up to a whole square. */
  function inSquare(parameters: ParameterTensors, x: tf.Tensor2D, side: number): tf.Tensor2D {
    const missing = side * side - x.shape[0];
    const first = tf.reshape<tf.Rank.R2>(parameters[token.name], [1, width]); // [1, width]
    return tf.concat([first, x, tf.slice(x, [0, 0], [missing, width])]);
  }

  return {
    parameters: [
      token,
      ...embedding.parameters,
      ...(narrowed ? linearParameters('fc1', embedding.width, width) : []),
      ...ppegParameters(POSITIONS, width),
      ...layers.flatMap((layer) => layer.parameters),
      ...layerNormParameters('norm', width),
      ...linearParameters('classifier', width, data.outputs),
    ],
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const narrow = narrowed ? linear(parameters, 'fc1', embeddings) : embeddings; // [n, width]
      const [n] = narrow.shape;
      const side = Math.ceil(Math.sqrt(n));
      let x = inSquare(parameters, narrow, side); // [side² + 1, width]
      let ofToken = (): tf.Tensor1D => tf.zeros([side * side + 1]); // [side² + 1]
      for (const [i, layer] of layers.entries()) {
        const { rows, ofFirstRow } = layer.apply(parameters, x, training); // [side² + 1, width]
        x = i === 0 ? ppeg(parameters, POSITIONS, rows, side) : rows;
        ofToken = ofFirstRow;
      }
      const told = layerNorm(parameters, 'norm', tf.slice(x, [0, 0], [1, width])); // [1, width]
      const logits = asRow(linear(parameters, 'classifier', told)); // [outputs]
      return { logits, attention: tf.slice(ofToken(), 1, n) }; // [n]
    },
  };
}
