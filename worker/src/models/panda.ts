/**
 * The attention network of "Attention-based deep multiple instance learning for prostate cancer diagnosis" (J. Glaser):
 * convolutions over the tiles of a slide, two linear layers, attention pooling, a linear classifier.
 * In: tiles [n, height, width, channels]. Out: logits [outputs] and attention [n].
 *
 * `panda` embeds each tile. `panda_flat` does what the post prints: it flattens all tiles of a slide into one row, so that
 * there is one embedding, whose attention is always 1, and slides must all have `model.panda.tiles` tiles (docs/models.md).
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow, poolByScores, tanhAttention } from './layers/attention.js';
import { conv, flattenChannelsFirst, halve } from './layers/conv.js';
import { dropout } from './layers/dropout.js';
import { convParameters, linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import { linearRelu } from './layers/linear-relu.js';
import { relu } from './layers/relu.js';
import type { MilModel, ParameterTensors, Training } from './model.js';
import { demandTiles, type ModelInput } from './model-input.js';

const [KERNEL_1, MAPS_1] = [4, 36];
const [KERNEL_2, MAPS_2] = [3, 48];
/** The smallest side that leaves one pixel: 9 → 6 → 3 → 1 → 0 does not, 11 → 8 → 4 → 2 → 1 does. */
const SMALLEST_SIDE = 11;

const CONV_1 = 'feature_extractor_part1.0';
const CONV_2 = 'feature_extractor_part1.3';
const EMBEDDING_1 = 'feature_extractor_part2.0';
const EMBEDDING_2 = 'feature_extractor_part2.2';
const TANH = 'attention.0';
const SCORE = 'attention.2';
const CLASSIFIER = 'classifier.0';

/** @throws BagfleetError `job-invalid` if the instances are not tiles of at least 11 × 11 pixels */
export function panda(config: ModelConfig, data: ModelInput): MilModel {
  return pandaOf(config, data, 1, (maps) => maps);
}

/** @throws BagfleetError `job-invalid` as `panda` */
export function pandaFlat(config: ModelConfig, data: ModelInput): MilModel {
  const { tiles } = config.panda;
  const model = pandaOf(config, data, tiles, (maps) => tf.reshape(maps, [1, maps.size]));
  return {
    ...model,
    needs: { instances: { least: tiles, most: tiles, field: 'model.panda.tiles' } },
  };
}

/** `rows` makes [n, flat] maps to [rows, flat · tilesPerRow]. */
function pandaOf(
  config: ModelConfig,
  data: ModelInput,
  tilesPerRow: number,
  rows: (maps: tf.Tensor2D) => tf.Tensor2D,
): MilModel {
  const { attention } = config;
  const { height, width, channels, hidden } = demandTiles(config, data, SMALLEST_SIDE);
  const flat = MAPS_2 * sideAfter(height) * sideAfter(width) * tilesPerRow;

  function embed(parameters: ParameterTensors, tiles: tf.Tensor4D, training: Training | null): tf.Tensor2D {
    const maps1 = halve(relu(conv(parameters, CONV_1, tiles))); // [n, ⌊(h-3)/2⌋, ⌊(w-3)/2⌋, 36]
    const maps2 = halve(relu(conv(parameters, CONV_2, maps1))); // [n, sideAfter(h), sideAfter(w), 48]
    const wide = rows(flattenChannelsFirst(maps2)); // [rows, flat]
    const inner = linearRelu(parameters, EMBEDDING_1, wide); // [rows, hidden]
    return dropout(linearRelu(parameters, EMBEDDING_2, inner), 'embedding', config.dropout, training); // [rows, hidden]
  }

  return {
    parameters: [
      ...convParameters(CONV_1, channels, MAPS_1, KERNEL_1),
      ...convParameters(CONV_2, MAPS_1, MAPS_2, KERNEL_2),
      ...linearParameters(EMBEDDING_1, flat, hidden),
      ...linearParameters(EMBEDDING_2, hidden, hidden),
      ...linearParameters(TANH, hidden, attention),
      ...linearParameters(SCORE, attention, 1),
      ...linearParameters(CLASSIFIER, hidden, data.outputs),
    ],
    forward(parameters, { features }, training) {
      const embeddings = embed(parameters, features as tf.Tensor4D, training); // [rows, hidden]
      const scores = linear(parameters, SCORE, tanhAttention(parameters, TANH, embeddings)); // [rows, 1]
      const pool = poolByScores(embeddings, scores); // [1, rows], [1, hidden]
      const [n] = features.shape;
      const each = tf.tile(asRow(pool.attention), [n / embeddings.shape[0]]); // [n]
      return {
        logits: asRow(linear(parameters, CLASSIFIER, pool.pooled)),
        attention: tf.div(each, tilesPerRow),
      };
    },
  };
}

/** A side after both convolutions (they take 3 and 2) and both halvings. */
function sideAfter(side: number): number {
  return Math.floor((Math.floor((side - 3) / 2) - 2) / 2);
}
