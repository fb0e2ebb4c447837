/**
 * Every model in every variant beside torchmil 1.0.2, or beside the published method where torchmil has no such model or
 * an error in it: names and shapes of all parameters, logits, attention, instance logits, loss and every gradient, for
 * bags of 1, 7 and 300 instances.
 */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { difference } from '../../../support/reference-fixture.js';
import {
  ZOO,
  type ZooVariant,
  zooModel,
  zooReference,
  zooResults,
  zooWeights,
} from '../../../support/zoo-fixture.js';

/** Of logits, attention and loss. */
const ABSOLUTE = 1e-5;
/** Of gradients, as a share of the tensor's largest entry. */
const RELATIVE = 1e-4;
/** A gradient that is nothing but the rounding of a sum that cancels, such as of a bias before a softmax. */
const NOTHING = 1e-6;

describe('the models beside PyTorch', () => {
  afterEach(() => assert.equal(tf.memory().numTensors, 0, 'a tensor is left'));

  for (const variant of ZOO) {
    it(`${variant.variant} has the parameters of the state dict`, () => {
      const theirs = [...zooWeights(variant)].map(([name, { shape }]) => `${name} [${shape}]`);
      const ours = zooModel(variant).parameters.map(({ name, shape }) => `${name} [${shape}]`);
      assert.deepEqual(ours.sort(), theirs.sort());
    });

    for (const zooCase of variant.cases)
      it(`${variant.variant} gives the same for ${zooCase.size} instances`, () =>
        tf.tidy(() => {
          const ours = zooResults(variant, zooCase);
          const reference = zooReference(variant, zooCase);
          assert.ok(reference.size > 5);
          for (const [key, { values }] of reference) {
            const { largest, scale } = difference(ours.get(key) ?? [], values);
            const allowed = key.startsWith('gradient/') ? Math.max(RELATIVE * scale, NOTHING) : ABSOLUTE;
            const bar = Math.max(allowed, zooCase.float32Errors[key]);
            assert.ok(
              largest <= bar,
              `${key} is off by ${largest}, allowed are ${bar}; largest entry ${scale}`,
            );
          }
          assertNothingElse(variant, [...ours.keys()], [...reference.keys()]);
        }));
  }
});

/** DTFD-MIL's attention over both tiers is ours alone: the others give none. */
function assertNothingElse({ model }: ZooVariant, ours: readonly string[], theirs: readonly string[]): void {
  const extra = ours.filter((key) => !theirs.includes(key));
  assert.deepEqual(extra, model.name === 'dtfd' ? ['attention'] : []);
}
