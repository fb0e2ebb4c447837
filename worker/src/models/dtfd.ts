/**
 * DTFD-MIL: a bag is split into pseudo-bags at random, each is pooled and classified (tier 1), and features distilled from
 * each are pooled and classified once more (tier 2).
 * In: features [n, width]. Out: logits [outputs] of tier 2, attention [n], instance logits [n, outputs] (the class
 * activations by which features are distilled).
 * Zhang et al., "DTFD-MIL: Double-tier feature distillation", CVPR 2022, section 3.3, with torchmil 1.0.2's names.
 */
import { CounterRng, type ModelConfig } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { asRow } from './layers/attention.js';
import { attentionPool } from './layers/attention-pool.js';
import { type Distilled, distil } from './layers/distil.js';
import { featureExtractor } from './layers/feature-extractor.js';
import { linearParameters } from './layers/initial-values.js';
import { linear, linearWithoutBias } from './layers/linear.js';
import type { MilModel, ParameterTensors, Training } from './model.js';
import type { ModelInput } from './model-input.js';

const TIER_1 = 'classifier.module';
const TIER_2 = 'u_classifier.module';

/** @throws BagfleetError `job-invalid` if the instances are not feature vectors */
export function dtfd(config: ModelConfig, data: ModelInput): MilModel {
  const { attention: attentionWidth } = config;
  const embedding = featureExtractor(config, data);
  const { width } = embedding;
  const first = attentionPool('attention_pool', { width, attention: attentionWidth });
  const second = attentionPool('u_attention_pool', { width, attention: attentionWidth });

  /** What tier 1 makes of a pseudo-bag: `members` are its instances. */
  function tier1(parameters: ParameterTensors, embeddings: tf.Tensor2D, members: tf.Tensor1D) {
    const x = tf.gather(embeddings, members); // [m, width]
    const { attention, pooled } = first.apply(parameters, x); // [1, m], [1, width]
    const activations = linearWithoutBias(parameters, TIER_1, x); // [m, outputs]
    return {
      logits: asRow(linear(parameters, TIER_1, pooled)), // [outputs]
      distilled: distil(config.dtfd, { x, attention, pooled, activations, members }),
    };
  }

  return {
    parameters: [
      ...embedding.parameters,
      ...first.parameters,
      ...linearParameters(TIER_1, width, data.outputs),
      ...second.parameters,
      ...linearParameters(TIER_2, width, data.outputs),
    ],
    forward(parameters, { features }, training) {
      const embeddings = embedding.apply(parameters, features as tf.Tensor2D, training); // [n, width]
      const [n] = embeddings.shape;
      const pseudoBags = split(orderOf(n, training), Math.min(n, config.dtfd.groups));
      const tiers = pseudoBags.map((members) => tier1(parameters, embeddings, members));
      const distilled = tiers.map((tier) => tier.distilled);
      const { attention, pooled } = second.apply(parameters, tf.concat(distilled.map(({ rows }) => rows))); // [1, rows], [1, width]
      const logits = asRow(linear(parameters, TIER_2, pooled)); // [outputs]
      return {
        logits,
        attention: overInstances(distilled, attention, n),
        instanceLogits: linearWithoutBias(parameters, TIER_1, embeddings), // [n, outputs]
        objective({ loss }) {
          const ofPseudoBags = tf.stack(tiers.map((tier) => loss(tier.logits))); // [groups]
          return tf.add(loss(logits), tf.mean(ofPseudoBags)); // []
        },
      };
    },
  };
}

/** Drawn in training; else always the same for a bag of this size, so that a prediction is a function of the bag. */
function orderOf(n: number, training: Training | null): Uint32Array {
  return training?.permutation('pseudo-bags', n) ?? new CounterRng(0, ['pseudo-bags', n]).permutation(n);
}

/** Runs [m] of equal length, the first ones longer by one where it does not come out even: numpy's array_split. */
function split(order: Uint32Array, groups: number): tf.Tensor1D[] {
  const [length, longer] = [Math.floor(order.length / groups), order.length % groups];
  const begin = (group: number) => group * length + Math.min(group, longer);
  return Array.from({ length: groups }, (_, group) =>
    tf.tensor1d(Int32Array.from(order.subarray(begin(group), begin(group + 1))), 'int32'),
  );
}

/** The second tier's attention, handed on to the instances that each of its rows was distilled from. */
function overInstances(distilled: readonly Distilled[], attention: tf.Tensor2D, n: number): tf.Tensor1D {
  let at = 0;
  const parts = distilled.map(({ rows, onto }) => {
    const mine = tf.slice(attention, [0, at], [1, rows.shape[0]]); // [1, rows]
    at += rows.shape[0];
    return onto(mine, n); // [n]
  });
  return parts.reduce((sum, part) => tf.add(sum, part));
}
