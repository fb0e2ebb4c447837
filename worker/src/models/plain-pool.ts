/**
 * Mean and max pooling, of embeddings (the bag is their mean or maximum) or of instances (each instance is classified,
 * and the bag's logit is the mean or the maximum): the two levels of Wang et al., "Revisiting multiple instance neural
 * networks", Pattern Recognition 2018.
 * In: features [n, width]. Out: logits [outputs]; of instances also their logits [n, outputs].
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow } from './layers/attention.js';
import { columnMax } from './layers/column-max.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';

const CLASSIFIER = 'classifier.module';

/** [n, width] → [1, width] */
type Pool = (x: tf.Tensor2D) => tf.Tensor2D;

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function meanPool(config: ModelConfig, data: ModelInput): MilModel {
  return plainPool(config, data, (x) => tf.mean(x, 0, true));
}

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function maxPool(config: ModelConfig, data: ModelInput): MilModel {
  return plainPool(config, data, (x) => tf.expandDims(columnMax(x), 0));
}

function plainPool(config: ModelConfig, data: ModelInput, pool: Pool): MilModel {
  const embedding = featureExtractor(config, data);
  const parameters = [
    ...embedding.parameters,
    ...linearParameters(CLASSIFIER, embedding.width, data.outputs),
  ];
  if (config.level === 'embedding')
    return {
      parameters,
      forward(tensors, { features }, training) {
        const embeddings = embedding.apply(tensors, features as tf.Tensor2D, training); // [n, hidden]
        return { logits: asRow(linear(tensors, CLASSIFIER, pool(embeddings))), attention: null };
      },
    };
  return {
    parameters,
    forward(tensors, { features }, training) {
      const embeddings = embedding.apply(tensors, features as tf.Tensor2D, training); // [n, hidden]
      const instanceLogits = linear(tensors, CLASSIFIER, embeddings); // [n, outputs]
      return { logits: asRow(pool(instanceLogits)), attention: null, instanceLogits };
    },
  };
}
