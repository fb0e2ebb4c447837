/** Who computes more slowly than the plan says, with the numbers. */
import assert from 'node:assert/strict';
import { findStragglers } from '@bagfleet/worker/train/stragglers';
import type { AppliedStep } from '@bagfleet/worker/train/train-step';

const COSTS = { fixed: 1, perInstance: 0.1 };

/** One step in which each rank has one bag of 100 instances (11 ms by the plan) and takes these milliseconds. */
function stepOf(milliseconds: readonly number[]): AppliedStep {
  const slots = milliseconds.map((computeMs, rank) => ({
    slot: rank,
    bag: rank,
    rank,
    loss: 0,
    weight: 1,
    logits: new Float32Array(1),
    finite: true,
    computeMs,
  }));
  return {
    kind: 'applied',
    slots,
    lossSum: 0,
    weightSum: slots.length,
    gradientNorm: 0,
    computed: [],
    computeMs: 0,
    dataWaitMs: 0,
  };
}

function stragglersOf(milliseconds: readonly number[], steps = 23) {
  const outcomes = Array.from({ length: steps }, () => stepOf(milliseconds));
  const members = milliseconds.map((_, rank) => `w${rank}`);
  return findStragglers({ outcomes, members, costs: COSTS, instancesOf: () => 100, epoch: 3 });
}

describe('stragglers', () => {
  it('are those that take twice as long as the others for the same cost', () => {
    assert.deepEqual(stragglersOf([11, 12, 30]), [
      {
        rank: 2,
        message:
          'w2 computes 2.7 times as slowly as planned in epoch 3: 600 ms for bags that take the others 220 ms',
      },
    ]);
    assert.deepEqual(
      stragglersOf([10, 40]).map(({ rank }) => rank),
      [1],
    );
  });

  it('are not found in a fleet of one, among equals, or in a few milliseconds', () => {
    assert.deepEqual(stragglersOf([50]), []);
    assert.deepEqual(stragglersOf([11, 12, 20]), []);
    assert.deepEqual(stragglersOf([1, 9], 8), []);
  });
});
