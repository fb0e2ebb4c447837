/**
 * CLAM with one attention branch: ABMIL whose instances are clustered beside it, so that the classifiers of instances
 * learn from those that attention ranks first and last.
 * In: features [n, width]. Out: logits [outputs], attention [n], instance logits [n, outputs].
 * Lu et al., Nature Biomedical Engineering 2021. Names are torchmil 1.0.2's `CLAM_SB`; its instance loss broadcasts
 * targets wrongly, so the loss here is the published one (docs/models.md).
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow, poolByScores } from './layers/attention.js';
import { attentionPool } from './layers/attention-pool.js';
import { clustering } from './layers/clustering-loss.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import type { MilModel } from './model.js';
import type { ModelInput } from './model-input.js';

const CLASSIFIER = 'classifier.module';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function clamSb(config: ModelConfig, data: ModelInput): MilModel {
  const { k, bagWeight, instanceWeight } = config.clam;
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const pool = attentionPool('pool', { ...config, width });
  const clusters = clustering(width, data.outputs, config.clam);
  return {
    parameters: [
      ...embedding.parameters,
      ...pool.parameters,
      ...linearParameters(CLASSIFIER, width, data.outputs),
      ...clusters.parameters,
    ],
    needs: { instances: { least: k, field: 'model.clam.k' } },
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const scores = pool.scores(parameters, embeddings); // [n, 1]
      const { attention, pooled } = poolByScores(embeddings, scores); // [1, n], [1, hidden]
      const logits = asRow(linear(parameters, CLASSIFIER, pooled)); // [outputs]
      return {
        logits,
        attention: asRow(attention),
        instanceLogits: clusters.logits(parameters, embeddings),
        objective({ label, loss }) {
          const instances = clusters.loss(parameters, embeddings, () => asRow(scores), label); // []
          return tf.add(tf.mul(loss(logits), bagWeight), tf.mul(instances, instanceWeight)); // []
        },
      };
    },
  };
}
