/**
 * DSMIL: instances are classified, the critical one of each class is the query of an attention over all.
 * In: features [n, width]. Out: logits [outputs], the mean of both streams; attention [n]; instance logits [n, outputs].
 * Li, Li, Eliceiri, "Dual-stream multiple instance learning network", CVPR 2021, eq. 2 to 7, as torchmil 1.0.2 has it for
 * one output; for several the bag's classifier sees the pooled embeddings of all classes, as the authors' does.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow } from './layers/attention.js';
import { columnMax } from './layers/column-max.js';
import { dropout } from './layers/dropout.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear } from './layers/linear.js';
import { linearRelu } from './layers/linear-relu.js';
import { withoutGradient } from './layers/without-gradient.js';
import type { MilModel, ParameterTensors, Training } from './model.js';
import type { ModelInput } from './model-input.js';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function dsmil(config: ModelConfig, data: ModelInput): MilModel {
  const { attention: attentionWidth } = config;
  const { nonlinearQuery, nonlinearValue } = config.dsmil;
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const { outputs } = data;

  function queries(parameters: ParameterTensors, x: tf.Tensor2D): tf.Tensor2D {
    if (!nonlinearQuery) return linear(parameters, 'q_nn', x); // [n, attention]
    const inner = linearRelu(parameters, 'q_nn.0', x); // [n, attention]
    return tf.tanh(linear(parameters, 'q_nn.2', inner)); // [n, attention]
  }

  function values(parameters: ParameterTensors, x: tf.Tensor2D, training: Training | null): tf.Tensor2D {
    if (!nonlinearValue) return x;
    return linearRelu(parameters, 'v_nn.1', dropout(x, 'v_nn.0', config.dropout, training)); // [n, width]
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...(nonlinearQuery
        ? [
            ...linearParameters('q_nn.0', width, attentionWidth),
            ...linearParameters('q_nn.2', attentionWidth, attentionWidth),
          ]
        : linearParameters('q_nn', width, attentionWidth)),
      ...(nonlinearValue ? linearParameters('v_nn.1', width, width) : []),
      ...linearParameters('inst_classifier', width, outputs),
      ...linearParameters('bag_classifier', width * outputs, outputs),
    ],
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const instanceLogits = linear(parameters, 'inst_classifier', embeddings); // [n, outputs]
      const critical = withoutGradient(() => tf.argMax(instanceLogits, 0) as tf.Tensor1D); // [outputs]
      const all = queries(parameters, embeddings); // [n, attention]
      const ofCritical = tf.gather(all, critical); // [outputs, attention]
      const scores = tf.mul<tf.Tensor2D>(
        tf.matMul(ofCritical, all, false, true),
        1 / Math.sqrt(attentionWidth),
      ); // [outputs, n]
      const shares = tf.softmax(scores); // [outputs, n]
      const pooled = tf.matMul(shares, values(parameters, embeddings, training)); // [outputs, width]
      const ofBag = asRow(linear(parameters, 'bag_classifier', tf.reshape(pooled, [1, outputs * width]))); // [outputs]
      const ofInstances = columnMax(instanceLogits); // [outputs]
      return {
        logits: tf.mul(tf.add(ofBag, ofInstances), 0.5), // [outputs]
        attention: asRow(tf.mean(shares, 0)), // [n]
        instanceLogits,
        objective: ({ loss }) => tf.add(loss(ofBag), loss(ofInstances)),
      };
    },
  };
}
