/** Progress in one line of any width. */
import assert from 'node:assert/strict';
import { progressLine, progressText } from '@bagfleet/orchestrator/report/progress-line';
import type { RunStatus } from '@bagfleet/proto';
import fc from 'fast-check';
import { runningStatus as status } from './example-rows.js';

describe('progress line', () => {
  it('at several widths', () => {
    assert.deepEqual(
      [100, 79, 60, 39, 30, 20, 10].map((width) => progressLine(status, width)),
      [
        'epoch 3/30 ▕█████░░░░░░░░░░░░░░░░░░░░░░░░░▏ 12/63  loss 0.4123  41.2 bags/s  412 patches/s  ETA 0:42',
        'epoch 3/30 ▕█░░░░░░░░▏ 12/63  loss 0.4123  41.2 bags/s  412 patches/s  ETA 0:42',
        'epoch 3/30 ▕███░░░░░░░░░░░░░░░▏ 12/63  loss 0.4123  ETA 0:42',
        'epoch 3/30 12/63  loss 0.4123  ETA 0:42',
        'epoch 3/30 12/63  loss 0.4123',
        'epoch 3/30 12/63',
        'epoch 3/3…',
      ],
    );
  });

  it('leaves out what is not known', () => {
    const early = {
      ...status,
      step: 0,
      loss: null,
      bagsPerSecond: null,
      instancesPerSecond: null,
      etaSeconds: null,
    };
    assert.equal(progressLine(early, 30), 'epoch 3/30 ▕░░░░░░░░░░░░▏ 0/63');
    assert.equal(progressText(early), 'epoch 3/30 step 0/63');
  });

  it('says all in plain text', () => {
    assert.equal(
      progressText(status),
      'epoch 3/30 step 12/63  loss 0.4123  41.2 bags/s  412 patches/s  ETA 0:42',
    );
  });

  it('before the first epoch what it waits for, after the end what came of it', () => {
    const starting: RunStatus = { ...status, state: 'starting', phase: 'waiting for 2 of 3 workers' };
    assert.equal(progressLine(starting, 80), 'starting: waiting for 2 of 3 workers');
    assert.equal(progressLine({ ...status, epoch: 0, phase: 'loading' }, 80), 'running: loading');
    const done: RunStatus = { ...status, state: 'done', epoch: 30, endedAt: '2026-01-01T00:02:33Z' };
    assert.equal(progressLine(done, 80), 'done: 30 of 30 epochs in 2:33, best AUC 0.9000 in epoch 2');
    const error = { code: 'worker-lost', culprit: 'worker w2', message: 'exited with code 9' };
    assert.equal(
      progressText({ ...status, state: 'failed', error }),
      'failed: worker w2: exited with code 9',
    );
    assert.equal(
      progressText({ ...status, state: 'cancelled', metric: { name: 'auc', best: null, epoch: null } }),
      'cancelled: 3 of 30 epochs',
    );
  });

  it('is never wider than it may be, and the bar grows with the steps', () => {
    const nullable = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }));
    const drawn = fc.record({
      epoch: fc.integer({ min: 1, max: 99_999 }),
      epochs: fc.integer({ min: 1, max: 99_999 }),
      step: fc.nat({ max: 99_999 }),
      steps: fc.nat({ max: 99_999 }),
      loss: nullable(1e9),
      bagsPerSecond: nullable(1e9),
      instancesPerSecond: nullable(1e9),
      etaSeconds: nullable(1e9),
    });
    const filled = (line: string) => line.split('█').length - 1;
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 200 }), (part, width) => {
        const line = progressLine({ ...status, ...part }, width);
        assert.ok(line.length <= width, `${line.length} > ${width}`);
        assert.ok(!/\p{Cc}/u.test(line));
        const whole = progressLine({ ...status, ...part, step: part.steps }, 200);
        if (part.steps > 0) assert.equal(filled(whole), 30);
      }),
    );
  });
});
