/**
 * The models beside PyTorch with the same weights and bag: names, outputs, attention and every gradient.
 * Finite differences would say less: float32 leaves them three digits.
 */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import * as tf from '@tensorflow/tfjs-core';
import { difference, readFacts, readTensors, under } from '../../../support/reference-fixture.js';
import {
  bagOf,
  differentiate,
  flatWeights,
  modelOf,
  type Variant,
} from '../../../support/reference-model.js';

/** Allowed error, as a share of the largest entry of the tensor. */
const TOLERANCE = 2e-5;

const CASES = [
  { name: 'abmil', variants: ['gated', 'tanh', 'threeClasses'] },
  { name: 'lenet_abmil', variants: ['gated', 'tanh'] },
] as const;

for (const { name, variants } of CASES) {
  const facts = readFacts<Record<string, Variant> & { instanceShape: number[] }>(name);
  const tensors = readTensors(name);

  for (const variantName of variants) {
    describe(`${name} (${variantName}) beside PyTorch`, () => {
      const variant = facts[variantName];
      const model = modelOf(name, facts.instanceShape, variant);
      const layout = layoutOf(model.parameters);
      // The feature extractor of the second variant is that of the first, stored once.
      const weights = new Map([
        ...under(tensors, 'gated/weight/'),
        ...under(tensors, `${variantName}/weight/`),
      ]);

      it('has the parameters of the state_dict, in its order', () => {
        assert.deepEqual(
          layout.places.map((place) => place.name),
          Object.keys(variant.gradientNorms),
        );
      });

      it('gives its logits, attention, loss and gradients', () => {
        const features = bagOf(tensors, variant.bag);
        const result = differentiate(model, flatWeights(layout, weights), features, variant.label);
        features.dispose();
        assertClose('logits', result.logits, variant.logits);
        assertClose('attention', result.attention, variant.attention);
        assertClose('loss', [result.loss], [variant.loss]);
        const gradients = under(tensors, `${variantName}/gradient/`);
        assert.ok(gradients.size > 3);
        for (const place of layout.places) {
          const ours = result.gradient.subarray(place.offset, place.offset + place.length);
          const theirs = gradients.get(place.name);
          // Softmax does not see this bias: its gradient is zero but for rounding.
          if (isShift(place.name)) assert.ok(Math.abs(ours[0]) < 1e-6);
          else if (theirs) assertClose(`gradient of ${place.name}`, ours, theirs.values);
          else
            assertClose(`gradient norm of ${place.name}`, [norm(ours)], [variant.gradientNorms[place.name]]);
        }
        assert.equal(tf.memory().numTensors, 0);
      });
    });
  }
}

function isShift(name: string): boolean {
  return name === 'attention_w.bias' || name === 'attention.2.bias';
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function assertClose(what: string, ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  const { largest, scale } = difference(ours, theirs);
  assert.ok(scale > 1e-4, `${what}: the reference is nothing but zeros`);
  assert.ok(largest <= TOLERANCE * scale, `${what}: off by ${largest}, the largest entry is ${scale}`);
}
