/**
 * CLAM with an attention branch and a classifier of its own per class.
 * In: features [n, width]. Out: logits [outputs], attention [n] of the class that is called, instance logits [n, outputs].
 * Lu et al., Nature Biomedical Engineering 2021. Two classes have two branches, and one logit, their difference: its
 * binary cross-entropy is the softmax cross-entropy of both. Names follow those of `clam_sb`, with `classifiers.CLASS`.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow, poolByScores } from './layers/attention.js';
import { attentionPool } from './layers/attention-pool.js';
import { classCount } from './layers/class-count.js';
import { clustering } from './layers/clustering-loss.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import type { MilModel, ParameterTensors } from './model.js';
import type { ModelInput } from './model-input.js';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function clamMb(config: ModelConfig, data: ModelInput): MilModel {
  const { k, bagWeight, instanceWeight } = config.clam;
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const branches = classCount(data.outputs);
  const labels = Array.from({ length: branches }, (_, label) => label);
  const pool = attentionPool('pool', { ...config, width, branches });
  const clusters = clustering(width, data.outputs, config.clam);

  /** Each class from its own pooled embedding: [classes, width] → [classes]. */
  function classify(parameters: ParameterTensors, pooled: tf.Tensor2D): tf.Tensor1D {
    const each = labels.map((label) =>
      linear(parameters, `classifiers.${label}`, tf.slice(pooled, [label, 0], [1, width])),
    ); // classes × [1, 1]
    return asRow(tf.concat(each));
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...pool.parameters,
      ...labels.flatMap((label) => linearParameters(`classifiers.${label}`, width, 1)),
      ...clusters.parameters,
    ],
    needs: { instances: { least: k, field: 'model.clam.k' } },
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, hidden]
      const scores = pool.scores(parameters, embeddings); // [n, classes]
      const { attention, pooled } = poolByScores(embeddings, scores); // [classes, n], [classes, hidden]
      const ofClasses = classify(parameters, pooled); // [classes]
      const logits = data.outputs === 1 ? difference(ofClasses) : ofClasses; // [outputs]
      const called = tf.argMax(ofClasses); // []
      return {
        logits,
        attention: asRow(tf.gather(attention, asRow(called))), // [n]
        instanceLogits: clusters.logits(parameters, embeddings),
        objective({ label, loss }) {
          const scoresOf = (of: number) => asRow(tf.slice(scores, [0, of], [-1, 1])); // [n]
          const instances = clusters.loss(parameters, embeddings, scoresOf, label); // []
          return tf.add(tf.mul(loss(logits), bagWeight), tf.mul(instances, instanceWeight)); // []
        },
      };
    },
  };
}

/** [2] → [1] */
function difference(ofClasses: tf.Tensor1D): tf.Tensor1D {
  return tf.sub(tf.slice(ofClasses, 1, 1), tf.slice(ofClasses, 0, 1));
}
