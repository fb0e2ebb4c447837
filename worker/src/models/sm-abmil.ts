/**
 * ABMIL whose attention is smoothed over the bag's graph by the Sm operator.
 * In: features [n, width], the graph. Out: logits [outputs], attention [n].
 * Castro-Macías et al., "Sm: enhanced localization in multiple instance learning", NeurIPS 2024, with torchmil's names.
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';
import { normalisedAdjacency } from './layers/adjacency.js';
import { asRow } from './layers/attention.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import { smAttentionPool } from './layers/sm-attention-pool.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';

const CLASSIFIER = 'last_layer';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function smAbmil(config: ModelConfig, data: ModelInput): MilModel {
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const pool = smAttentionPool('pool', width, config);
  return {
    parameters: [
      ...embedding.parameters,
      ...pool.parameters,
      ...linearParameters(CLASSIFIER, width, data.outputs),
    ],
    needs: { graph: true },
    forward(parameters, { features, graph }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const adjacency = normalisedAdjacency(graph as BagGraph, embeddings.shape[0]);
      const { attention, pooled } = pool.apply(parameters, embeddings, adjacency); // [1, n], [1, hidden]
      return { logits: asRow(linear(parameters, CLASSIFIER, pooled)), attention: asRow(attention) };
    },
  };
}
