/**
 * A transformer encoder over the instances, then attention pooling; with the Sm operator both smooth over the bag's graph.
 * In: features [n, width], for Sm the graph. Out: logits [outputs], attention [n].
 * Names are torchmil 1.0.2's `TransformerABMIL` and `SmTransformerABMIL` (Castro-Macías et al., NeurIPS 2024).
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';
import { type Adjacency, normalisedAdjacency } from './layers/adjacency.js';
import { asRow } from './layers/attention.js';
import { attentionPool, type Pooled } from './layers/attention-pool.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import { refuseUnevenHeads, refuseUnlikeWidths } from './layers/refuse-transformer.js';
import { smAttentionPool } from './layers/sm-attention-pool.js';
import { transformerEncoder } from './layers/transformer-encoder.js';
import type { MilModel, Parameter, ParameterTensors } from './model.js';
import type { ModelInput } from './model-input.js';

const ENCODER = 'transformer_encoder';
const CLASSIFIER = 'last_layer';

interface Pool {
  readonly parameters: readonly Parameter[];
  apply(parameters: ParameterTensors, x: tf.Tensor2D, adjacency: Adjacency | null): Pooled;
}

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function transformerAbmil(config: ModelConfig, data: ModelInput): MilModel {
  return encodedAndPooled(config, data, null, (width) => attentionPool('pool', { ...config, width }));
}

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function smTransformerAbmil(config: ModelConfig, data: ModelInput): MilModel {
  const model = encodedAndPooled(config, data, config.sm, (width) => {
    const { parameters, apply } = smAttentionPool('pool', width, config);
    return { parameters, apply: (tensors, x, adjacency) => apply(tensors, x, adjacency as Adjacency) };
  });
  return { ...model, needs: { graph: true } };
}

/** With `sm` the graph is there; else it is not looked at. */
function encodedAndPooled(
  config: ModelConfig,
  data: ModelInput,
  sm: ModelConfig['sm'] | null,
  poolOf: (width: number) => Pool,
): MilModel {
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  refuseUnevenHeads(config);
  refuseUnlikeWidths(config, width);
  const encoder = transformerEncoder(ENCODER, width, config.transformer, sm);
  const pool = poolOf(width);
  return {
    parameters: [
      ...embedding.parameters,
      ...encoder.parameters,
      ...pool.parameters,
      ...linearParameters(CLASSIFIER, width, data.outputs),
    ],
    forward(parameters, { features, graph }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const adjacency = sm && normalisedAdjacency(graph as BagGraph, embeddings.shape[0]);
      const encoded = encoder.apply(parameters, embeddings, training, adjacency); // [n, width]
      const { attention, pooled } = pool.apply(parameters, encoded, adjacency); // [1, n], [1, width]
      return { logits: asRow(linear(parameters, CLASSIFIER, pooled)), attention: asRow(attention) };
    },
  };
}
