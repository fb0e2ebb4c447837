/** Dropout masks: their values, their rate, and what they depend on. */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import type { Visit } from '@bagfleet/worker/data/instances/visit';
import { trainingDraws } from '@bagfleet/worker/train/draws';
import * as tf from '@tensorflow/tfjs-core';

const VISIT: Visit = { seed: 1, epoch: 1, bag: 'b1', repeat: 0 };

function draw(visit: Visit, purpose = 'embedding', rate = 0.25): number[] {
  return tf.tidy(() => [...trainingDraws(visit).mask(purpose, [100, 64], rate).dataSync()]);
}

describe('trainingDraws', () => {
  afterEach(() => assert.equal(tf.memory().numTensors, 0));

  it('drops the given share and scales the rest up', () => {
    for (const rate of [0.1, 0.25, 0.9]) {
      const mask = draw(VISIT, 'embedding', rate);
      assert.deepEqual([...new Set(mask)].sort(), [0, Math.fround(1 / (1 - rate))]);
      const dropped = mask.filter((value) => value === 0).length / mask.length;
      assert.ok(Math.abs(dropped - rate) < 0.03, `${dropped} dropped at rate ${rate}`);
    }
  });

  it('is a function of seed, epoch, bag, visit and purpose', () => {
    const mask = draw(VISIT);
    assert.deepEqual(draw(VISIT), mask);
    const others = [
      draw({ ...VISIT, seed: 2 }),
      draw({ ...VISIT, epoch: 2 }),
      draw({ ...VISIT, bag: 'b2' }),
      draw({ ...VISIT, repeat: 1 }),
      draw(VISIT, 'attention'),
    ];
    for (const other of others) assert.notDeepEqual(other, mask);
  });

  it('keeps its shape', () => {
    tf.tidy(() => assert.deepEqual(trainingDraws(VISIT).mask('x', [3, 4, 5], 0.5).shape, [3, 4, 5]));
  });
});
