/** Progress moves on as a pure function of steps and validations. */
import assert from 'node:assert/strict';
import { parseJob } from '@bagfleet/proto';
import { afterEpoch, afterStep } from '@bagfleet/worker/train/progress';
import { NO_PROGRESS } from '@bagfleet/worker/train/training-state';

const { validation: config } = parseJob(
  { data: { manifest: 'm' }, validation: { metric: 'auc', earlyStop: { patience: 2 } } },
  'test',
);

function validated(auc: number | null) {
  return { values: { auc, loss: 1 }, threshold: 0.4 };
}

describe('progress', () => {
  it('counts steps and adds losses', () => {
    const twice = afterStep(afterStep(NO_PROGRESS, 3, 4), 1, 2);
    assert.deepEqual([twice.step, twice.stepInEpoch, twice.lossSum, twice.weightSum], [2, 2, 4, 6]);
  });

  it("closes an epoch: its sums are gone, the run's counters stay", () => {
    const { progress, isBest, stop } = afterEpoch(afterStep(NO_PROGRESS, 3, 4), null, config);
    assert.deepEqual([progress.epoch, progress.step, progress.stepInEpoch, progress.lossSum], [1, 1, 0, 0]);
    assert.deepEqual([isBest, stop], [false, false]);
  });

  it('keeps the best, and stops when the patience is used up', () => {
    const history = [0.7, 0.8, 0.8, 0.75].map((auc) => validated(auc));
    let progress = NO_PROGRESS;
    const decisions = history.map((validation) => {
      const decision = afterEpoch(progress, validation, config);
      progress = decision.progress;
      return [decision.isBest, decision.stop];
    });
    assert.deepEqual(decisions, [
      [true, false],
      [true, false],
      [false, false],
      [false, true],
    ]);
    assert.deepEqual([progress.bestMetric, progress.bestEpoch, progress.threshold], [0.8, 2, 0.4]);
  });

  it('takes an undefined metric as no improvement', () => {
    const { progress, isBest } = afterEpoch(NO_PROGRESS, validated(null), config);
    assert.equal(isBest, false);
    assert.equal(progress.bestEpoch, null);
  });
});
