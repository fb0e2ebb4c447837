/**
 * CLAM's clustering of instances: Lu et al., "Data-efficient and weakly supervised computational pathology on whole-slide
 * images", Nature Biomedical Engineering 2021, Methods, "Instance-level clustering".
 * In: embeddings [n, width], scores of the attention. Out: the loss of the instance classifiers, and their logits.
 */
import type { ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors } from '../model.js';
import { classCount } from './class-count.js';
import { linearParameters } from './initial-values.js';
import { linear } from './linear.js';
import { smoothTop1Svm } from './smooth-top1-svm.js';
import { highest, lowest } from './without-gradient.js';

export interface Clustering {
  readonly parameters: readonly Parameter[];
  /** [n, outputs]: how much each instance is evidence for each class. */
  logits(parameters: ParameterTensors, embeddings: tf.Tensor2D): tf.Tensor2D;
  /** `scores` gives [n] of the branch of a class. */
  loss(
    parameters: ParameterTensors,
    embeddings: tf.Tensor2D,
    scores: (label: number) => tf.Tensor1D,
    label: number,
  ): tf.Scalar;
}

export function clustering(width: number, outputs: number, settings: ModelConfig['clam']): Clustering {
  const { k, subtyping } = settings;
  const classes = Array.from({ length: classCount(outputs) }, (_, label) => label);
  const classifier = (label: number) => `inst_classifiers.${label}.module`;
  const told = outputs === 1 ? [1] : classes;
  const lossOf = settings.instanceLoss === 'svm' ? smoothTop1Svm : crossEntropyOfRows;

  /** The k with the highest scores are of the class, the k with the lowest are not. */
  function lossInside(
    parameters: ParameterTensors,
    x: tf.Tensor2D,
    scores: tf.Tensor1D,
    label: number,
  ): tf.Scalar {
    const chosen = tf.concat([highest(scores, k), lowest(scores, k)]); // [2k]
    const logits = linear(parameters, classifier(label), tf.gather(x, chosen)); // [2k, 2]
    return lossOf(logits, [...new Array<number>(k).fill(1), ...new Array<number>(k).fill(0)]);
  }

  /** The k with the highest scores are of no other class. */
  function lossOutside(
    parameters: ParameterTensors,
    x: tf.Tensor2D,
    scores: tf.Tensor1D,
    label: number,
  ): tf.Scalar {
    const logits = linear(parameters, classifier(label), tf.gather(x, highest(scores, k))); // [k, 2]
    return lossOf(logits, new Array<number>(k).fill(0));
  }

  return {
    parameters: classes.flatMap((label) => linearParameters(classifier(label), width, 2)),
    logits(parameters, embeddings) {
      const each = told.map((label) => {
        const pair = linear(parameters, classifier(label), embeddings); // [n, 2]
        return tf.sub(tf.slice(pair, [0, 1], [-1, 1]), tf.slice(pair, [0, 0], [-1, 1])); // [n, 1]
      });
      return tf.concat(each, 1) as tf.Tensor2D; // [n, outputs]
    },
    loss(parameters, embeddings, scores, truth) {
      const losses = classes.flatMap((label) => {
        if (label === truth) return [lossInside(parameters, embeddings, scores(label), label)];
        return subtyping ? [lossOutside(parameters, embeddings, scores(label), label)] : [];
      });
      const sum = losses.reduce((total, loss) => tf.add(total, loss)); // []
      return subtyping ? tf.div(sum, classes.length) : sum; // []
    },
  };
}

function crossEntropyOfRows(logits: tf.Tensor2D, targets: readonly number[]): tf.Scalar {
  const truth = tf.oneHot(tf.tensor1d([...targets], 'int32'), logits.shape[1]); // [n, classes]
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), truth), 1))); // []
}
