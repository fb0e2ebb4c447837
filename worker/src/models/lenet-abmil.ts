/**
 * LeNet features with attention pooling, trained end to end: the MNIST-bags model of Ilse et al. 2018, section 4.2.
 * In: tiles [n, height, width, channels]. Out: logits [outputs] and attention [n].
 *
 * Names, layouts and the order in which feature maps are flattened are those of the authors' PyTorch
 * implementation (hidden 500, attention 128, tiles of 28 × 28 × 1), so that weights go both ways.
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import { asRow, gatedAttention, poolByScores, tanhAttention } from './layers/attention.js';
import { conv, flattenChannelsFirst, halve } from './layers/conv.js';
import { dropout } from './layers/dropout.js';
import { convParameters, linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import { linearRelu } from './layers/linear-relu.js';
import { relu } from './layers/relu.js';
import type { MilModel, ParameterTensors } from './model.js';
import { demandTiles, type ModelInput } from './model-input.js';

const KERNEL = 5;
const MAPS_1 = 20;
const MAPS_2 = 50;
/** The smallest side that leaves one pixel: 16 → 12 → 6 → 2 → 1. */
const SMALLEST_SIDE = 16;

const CONV_1 = 'feature_extractor_part1.0';
const CONV_2 = 'feature_extractor_part1.3';
const EMBEDDING = 'feature_extractor_part2.0';
const CLASSIFIER = 'classifier.0';
/** Layers of the attention: gated as attention_V, attention_U, attention_w; else one sequence. */
const GATED = { tanh: 'attention_V.0', gate: 'attention_U.0', score: 'attention_w' };
const TANH = { tanh: 'attention.0', score: 'attention.2' };

/** @throws BagfleetError `job-invalid` if the instances are not tiles of at least 16 × 16 pixels */
export function lenetAbmil(config: ModelConfig, data: ModelInput): MilModel {
  const { attention, gated } = config;
  const { height, width, channels, hidden } = demandTiles(config, data, SMALLEST_SIDE);
  const flat = MAPS_2 * sideAfter(height) * sideAfter(width);

  function embed(parameters: ParameterTensors, tiles: tf.Tensor4D): tf.Tensor2D {
    const maps1 = halve(relu(conv(parameters, CONV_1, tiles))); // [n, (h-4)/2, (w-4)/2, 20]
    const maps2 = halve(relu(conv(parameters, CONV_2, maps1))); // [n, sideAfter(h), sideAfter(w), 50]
    return linearRelu(parameters, EMBEDDING, flattenChannelsFirst(maps2)); // [n, hidden]
  }

  function scoresOf(parameters: ParameterTensors, embeddings: tf.Tensor2D): tf.Tensor2D {
    const inner = gated
      ? gatedAttention(parameters, GATED, embeddings)
      : tanhAttention(parameters, TANH.tanh, embeddings); // [n, attention]
    return linear(parameters, gated ? GATED.score : TANH.score, inner); // [n, 1]
  }

  return {
    parameters: [
      ...convParameters(CONV_1, channels, MAPS_1, KERNEL),
      ...convParameters(CONV_2, MAPS_1, MAPS_2, KERNEL),
      ...linearParameters(EMBEDDING, flat, hidden),
      ...linearParameters(gated ? GATED.tanh : TANH.tanh, hidden, attention),
      ...(gated ? linearParameters(GATED.gate, hidden, attention) : []),
      ...linearParameters(gated ? GATED.score : TANH.score, attention, 1),
      ...linearParameters(CLASSIFIER, hidden, data.outputs),
    ],
    forward(parameters, { features }, training) {
      const embedded = embed(parameters, features as tf.Tensor4D); // [n, hidden]
      const embeddings = dropout(embedded, 'embedding', config.dropout, training); // [n, hidden]
      const pool = poolByScores(embeddings, scoresOf(parameters, embeddings)); // [1, n], [1, hidden]
      const logits = asRow(linear(parameters, CLASSIFIER, pool.pooled)); // [outputs]
      return { logits, attention: asRow(pool.attention) };
    },
  };
}

/** A side after both convolutions (each takes 4) and both halvings. */
function sideAfter(side: number): number {
  return Math.floor((Math.floor((side - 4) / 2) - 4) / 2);
}
