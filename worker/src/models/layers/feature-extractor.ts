/**
 * The embedding that comes before everything else in models of feature vectors: Linear, ReLU, dropout; torchmil's
 * `feat_ext=Sequential(Linear(width, hidden), ReLU())`. Without `model.hidden` features are taken as they are.
 * In: features [n, width]. Out: embeddings [n, hidden].
 */
import type { ModelConfig } from '@bagfleet/proto';
import type * as tf from '@tensorflow/tfjs-core';
import { type ModelInput, unfitInstances } from '../model-input.js';
import { dropout } from './dropout.js';
import { linearParameters } from './initial-values.js';
import type { RowLayer } from './layer.js';
import { linearRelu } from './linear-relu.js';

const EMBEDDING = 'feat_ext.0';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function featureExtractor(config: ModelConfig, data: ModelInput): RowLayer {
  if (data.instanceShape.length !== 1) throw unfitInstances(config, data, 'feature vectors, [features]');
  const [width] = data.instanceShape;
  const { hidden } = config;
  if (hidden === null)
    return {
      parameters: [],
      width,
      apply: (_, features, training) => dropout(features, 'embedding', config.dropout, training),
    };
  return {
    parameters: linearParameters(EMBEDDING, width, hidden),
    width: hidden,
    apply(parameters, features, training): tf.Tensor2D {
      const active = linearRelu(parameters, EMBEDDING, features); // [n, hidden]
      return dropout(active, 'embedding', config.dropout, training); // [n, hidden]
    },
  };
}
