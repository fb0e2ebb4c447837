/** The average of the weights: what it begins with, what predicts, what a gradient is taken at. */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { parseJob } from '@bagfleet/proto';
import type { BagMessage } from '@bagfleet/worker/engine/compute-protocol';
import { ModelEngine } from '@bagfleet/worker/engine/model-engine';
import { createModel } from '@bagfleet/worker/models/create-model';
import {
  beginWith,
  initialState,
  sharedFloats,
  type TrainingState,
} from '@bagfleet/worker/train/training-state';
import { moveAverage } from '@bagfleet/worker/train/weight-average';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { bagOfValues } from '../../../support/made-up-bag.js';

const INPUT = { instanceShape: [3], outputs: 1 };
const BAG: BagMessage = { ...bagOfValues('b', Float32Array.of(1, -2, 0.5, 3, 0.25, -1), [3]), label: 1 };

function jobOf(ema: { decay: number } | null) {
  const model = { name: 'abmil', hidden: 4, attention: 3, dropout: 0 };
  return parseJob({ data: { manifest: 'none' }, model, train: { ema } }, 'test');
}

function stateOf(ema: { decay: number } | null): TrainingState {
  const job = jobOf(ema);
  return initialState(job, createModel(job.model, INPUT));
}

function engineOf({ parameters, moments }: TrainingState): ModelEngine {
  const { model, train, data: instances, seed } = jobOf('ema' in moments ? { decay: 0.5 } : null);
  return new ModelEngine({ model, train, instances, seed, ...INPUT, slots: 1, parameters, moments });
}

describe('the average of the weights', () => {
  it('is kept only if the job says so', () => {
    assert.deepEqual(Object.keys(stateOf(null).moments), ['exp_avg', 'exp_avg_sq']);
    assert.deepEqual(Object.keys(stateOf({ decay: 0.9 }).moments), ['exp_avg', 'exp_avg_sq', 'ema']);
  });

  it('begins with the initial parameters, with those of a warm start, too', () => {
    const state = stateOf({ decay: 0.9 });
    assert.deepEqual(state.moments.ema, state.parameters);
    assert.notEqual(state.moments.ema, state.parameters);
    const other = sharedFloats(state.layout.length).fill(0.5);
    beginWith(state, other);
    assert.deepEqual(state.parameters, other);
    assert.deepEqual(state.moments.ema, other);
  });

  it('lies between itself and the parameters, and stays where both are equal', () => {
    const finite = fc.float({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 0.9999, noNaN: true }), (before, now, decay) => {
        const average = Float32Array.of(before, now);
        moveAverage(average, Float32Array.of(now, now), decay);
        assert.ok(average[1] === now, 'but for the sign of a zero');
        assert.ok(average[0] >= Math.min(before, now) - 1e-9 && average[0] <= Math.max(before, now) + 1e-9);
      }),
    );
  });

  it('predicts, while gradients are taken at the parameters', () => {
    const [state, plain] = [stateOf({ decay: 0.5 }), stateOf(null)];
    const [engine, plainEngine] = [engineOf(state), engineOf(plain)];
    const gradientOf = (from: ModelEngine) => {
      const into = sharedFloats(state.layout.length);
      from.gradient(BAG, { epoch: 1, repeat: 0 }, into);
      return into;
    };
    assert.deepEqual(engine.predict(BAG).logits, plainEngine.predict(BAG).logits, 'both are as they began');
    for (const step of [1, 2, 3]) {
      const sum = gradientOf(engine);
      assert.deepEqual(gradientOf(plainEngine), sum, 'the average changes no gradient');
      const request = { sum, exponents: null, weight: 1, step, rate: 0.1 };
      engine.update(request);
      plainEngine.update(request);
      assert.deepEqual(state.parameters, plain.parameters, 'nor an update');
      const averaged = engineOf({ ...plain, parameters: state.moments.ema });
      assert.deepEqual(engine.predict(BAG).logits, averaged.predict(BAG).logits);
      assert.notDeepEqual(engine.predict(BAG).logits, plainEngine.predict(BAG).logits);
      averaged.dispose();
    }
    for (const used of [engine, plainEngine]) used.dispose();
    assert.equal(tf.memory().numTensors, 0);
  });
});
