/**
 * The losses of the first steps of a training run, beside PyTorch's from the same weights on the same bags:
 * AdamW on the mean of a batch's losses, gradients of plain TensorFlow.js, the last batch of a round shorter.
 */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { parseJob } from '@bagfleet/proto';
import type { MilModel } from '@bagfleet/worker/models/model';
import { scaleGradient } from '@bagfleet/worker/train/gradient-scale';
import { createOptimizer } from '@bagfleet/worker/train/optimizers/create-optimizer';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import * as tf from '@tensorflow/tfjs-core';
import { type ReferenceTensor, readFacts, readTensors, under } from '../../../support/reference-fixture.js';
import {
  bagOf,
  differentiate,
  flatWeights,
  modelOf,
  type Variant,
} from '../../../support/reference-model.js';

interface Training {
  readonly rate: number;
  readonly weightDecay: number;
  readonly batches: number[][];
  readonly labels: number[];
  readonly losses: number[];
}

describe('the first steps beside PyTorch', () => {
  for (const [name, steps] of [
    ['abmil', 20],
    ['lenet_abmil', 10],
  ] as const) {
    it(`${name}: ${steps} losses within 1e-4`, function () {
      const facts = readFacts<{ instanceShape: number[]; gated: Variant; training: Training }>(name);
      const model = modelOf(name, facts.instanceShape, facts.gated);
      const losses = train(model, readTensors(name), facts.training);
      assert.equal(losses.length, steps);
      const largest = Math.max(...losses.map((loss, step) => Math.abs(loss - facts.training.losses[step])));
      if (this.test) this.test.title += ` (largest difference ${largest.toExponential(1)})`;
      assert.ok(largest < 1e-4, `largest difference ${largest}: ${losses}`);
      assert.equal(tf.memory().numTensors, 0);
    });
  }
});

function train(model: MilModel, tensors: ReadonlyMap<string, ReferenceTensor>, training: Training): number[] {
  const { rate, weightDecay } = training;
  const job = parseJob(
    { data: { manifest: 'none' }, train: { optimizer: { name: 'adamw', rate, weightDecay } } },
    'test',
  );
  const optimizer = createOptimizer(job.train.optimizer);
  const layout = layoutOf(model.parameters);
  const parameters = flatWeights(layout, under(tensors, 'gated/weight/'));
  const moments = Object.fromEntries(
    optimizer.moments.map((name) => [name, new Float32Array(layout.length)]),
  );
  return training.batches.map((batch, index) => {
    const gradient = new Float32Array(layout.length);
    let lossSum = 0;
    for (const bag of batch) {
      const features = bagOf(tensors, bag);
      const result = differentiate(model, parameters, features, training.labels[bag]);
      features.dispose();
      lossSum += result.loss;
      for (const [i, value] of result.gradient.entries()) gradient[i] += value;
    }
    scaleGradient(gradient, 1 / batch.length);
    optimizer.update({ parameters, gradient, moments, step: index + 1, rate });
    return lossSum / batch.length;
  });
}
