import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { BagfleetError, CounterRng } from '@bagfleet/proto';
import type { Bag } from '@bagfleet/worker/data/bag';
import { Predictor } from '@bagfleet/worker/inference/predictor';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import * as tf from '@tensorflow/tfjs-core';
import { bagOfValues } from '../../../support/made-up-bag.js';
import { difference, readFacts, readTensors, under } from '../../../support/reference-fixture.js';
import { flatWeights, modelOf, type Variant } from '../../../support/reference-model.js';
import { type ModelFacts, untrainedModel } from '../../../support/trained-model.js';

function randomBag(id: string, instances: number, width = 4): Bag {
  return bagOfValues(id, Float32Array.from(new CounterRng(1, [id]).normal(instances * width)), [width]);
}

function withPredictor<T>(facts: ModelFacts, use: (predictor: Predictor) => T): T {
  const predictor = new Predictor(untrainedModel(facts));
  try {
    return use(predictor);
  } finally {
    predictor.dispose();
  }
}

describe('a predictor', () => {
  it("gives PyTorch's logits, probabilities and attention for PyTorch's weights", () => {
    const facts = readFacts<Record<string, Variant> & { instanceShape: number[] }>('abmil');
    const tensors = readTensors('abmil');
    const variant = facts.gated;
    const { outputs: _, ...model } = variant.model;
    const layout = layoutOf(modelOf('abmil', facts.instanceShape, variant).parameters);
    const made = untrainedModel({ job: { model }, instanceShape: facts.instanceShape });
    made.parameters.set(flatWeights(layout, under(tensors, 'gated/weight/')));
    const stored = under(tensors, 'bag.').get(String(variant.bag));
    assert.ok(stored);
    const bag = bagOfValues('b', stored.values, facts.instanceShape);
    const predictor = new Predictor(made);
    const { logits, probabilities, attention } = predictor.predict(bag);
    predictor.dispose();
    assert.ok(difference(logits, variant.logits).largest < 2e-5);
    assert.ok(difference(attention as Float32Array, variant.attention).largest < 2e-5);
    assert.ok(Math.abs(probabilities[1] - 1 / (1 + Math.exp(-variant.logits[0]))) < 1e-5);
  });

  it('calls a bag positive from the threshold on', () => {
    const bag = randomBag('b', 5);
    const { probabilities } = withPredictor({}, (predictor) => predictor.predict(bag));
    const positive = probabilities[1];
    const called = (threshold: number | null) =>
      withPredictor({ threshold }, (predictor) => predictor.predict(bag).predicted);
    assert.equal(called(positive), 1, 'the threshold itself counts');
    assert.equal(called(positive + 1e-12), 0);
    assert.equal(called(0), 1);
    assert.equal(called(null), positive >= 0.5 ? 1 : 0, 'never validated: 0.5');
  });

  it('calls the most probable of several classes', () => {
    withPredictor({ classes: ['a', 'b', 'c'], threshold: null }, (predictor) => {
      const called = new Set<number>();
      for (let i = 0; i < 20; i++) {
        const { logits, probabilities, predicted } = predictor.predict(randomBag(`b${i}`, 3));
        assert.equal(logits.length, 3);
        assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
        assert.ok(logits.every((logit) => logit <= logits[predicted]));
        called.add(predicted);
      }
      assert.ok(called.size > 0);
    });
  });

  it('says where it looked: attention per instance, summing to 1', () => {
    withPredictor({}, (predictor) => {
      for (const instances of [1, 2, 50]) {
        const { attention } = predictor.predict(randomBag('b', instances));
        assert.equal(attention?.length, instances);
        assert.ok(attention.every((weight) => weight >= 0));
        assert.ok(Math.abs(attention.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-5);
      }
    });
  });

  it('says the same of a bag each time, whatever it saw before and whatever its label', () => {
    withPredictor({ job: { model: { hidden: 8, attention: 4, dropout: 0.5 } } }, (predictor) => {
      const bag = randomBag('b', 7);
      const first = predictor.predict(bag);
      predictor.predict(randomBag('other', 40));
      assert.deepEqual(predictor.predict(bag), first);
      const { logits, loss } = predictor.predictLabelled(bag, 1);
      assert.deepEqual(logits, first.logits);
      assert.ok(Math.abs(loss - Math.log1p(Math.exp(-logits[0]))) < 1e-6, 'cross-entropy of the label');
    });
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const predictor = new Predictor(untrainedModel());
    predictor.predict(randomBag('b', 3));
    const loaded = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) predictor.predict(randomBag(`b${i}`, i + 1));
    assert.equal(tf.memory().numTensors, loaded, 'predicting');
    predictor.dispose();
    assert.equal(tf.memory().numTensors, before, 'after dispose');
  });

  it('refuses instances of another shape and logits that are no numbers, by the name of the bag', () => {
    withPredictor({}, (predictor) => {
      assert.throws(
        () => predictor.predict(randomBag('wide', 3, 5)),
        (error) =>
          error instanceof BagfleetError && error.code === 'bag-width' && error.culprit === 'bag wide',
      );
    });
    const broken = untrainedModel();
    broken.parameters.fill(3e38);
    const predictor = new Predictor(broken);
    const large = randomBag('large', 3);
    large.features.fill(3e38);
    assert.throws(
      () => predictor.predict(large),
      (error) =>
        error instanceof BagfleetError && error.code === 'loss-not-finite' && error.culprit === 'bag large',
    );
    predictor.dispose();
  });
});
