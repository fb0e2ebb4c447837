/** Dropout masks: their values, their rate, and what they depend on. */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { dropoutMasks } from '@bagfleet/worker/train/mask';
import * as tf from '@tensorflow/tfjs-core';

type Key = Parameters<typeof dropoutMasks>;

function draw(key: Key, purpose = 'embedding', rate = 0.25): number[] {
  return tf.tidy(() => [
    ...dropoutMasks(...key)
      .mask(purpose, [100, 64], rate)
      .dataSync(),
  ]);
}

describe('dropoutMasks', () => {
  afterEach(() => assert.equal(tf.memory().numTensors, 0));

  it('drops the given share and scales the rest up', () => {
    for (const rate of [0.1, 0.25, 0.9]) {
      const mask = draw([1, 1, 'b1'], 'embedding', rate);
      assert.deepEqual([...new Set(mask)].sort(), [0, Math.fround(1 / (1 - rate))]);
      const dropped = mask.filter((value) => value === 0).length / mask.length;
      assert.ok(Math.abs(dropped - rate) < 0.03, `${dropped} dropped at rate ${rate}`);
    }
  });

  it('is a function of seed, epoch, bag and purpose', () => {
    const mask = draw([1, 1, 'b1']);
    assert.deepEqual(draw([1, 1, 'b1']), mask);
    const others = [
      draw([2, 1, 'b1']),
      draw([1, 2, 'b1']),
      draw([1, 1, 'b2']),
      draw([1, 1, 'b1'], 'attention'),
    ];
    for (const other of others) assert.notDeepEqual(other, mask);
  });

  it('keeps its shape', () => {
    tf.tidy(() => assert.deepEqual(dropoutMasks(1, 1, 'b').mask('x', [3, 4, 5], 0.5).shape, [3, 4, 5]));
  });
});
