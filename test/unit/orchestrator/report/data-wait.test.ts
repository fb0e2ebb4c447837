import assert from 'node:assert/strict';
import { dataWaitLine, dataWaitShares } from '@bagfleet/orchestrator/report/data-wait';
import type { WorkRow } from '@bagfleet/proto';

function row(worker: string, dataWaitMs: number, stepMs: number): WorkRow {
  return {
    epoch: 1,
    step: 1,
    worker,
    rank: 0,
    computed: [],
    planned: [],
    gradientBytesSent: 0,
    gradientBytesReceived: 0,
    computeMs: 0,
    waitMs: 0,
    dataWaitMs,
    stepMs,
  };
}

describe('waited for data', () => {
  it('is a share of the steps, over all and by worker', () => {
    const shares = dataWaitShares([row('w1', 0, 100), row('w0', 30, 100), row('w0', 10, 300)]);
    assert.deepEqual(shares, { all: 0.08, workers: { w0: 0.1, w1: 0 } });
    assert.equal(shares && dataWaitLine(shares), 'waited for data 8.0% of the time (w0 10.0%, w1 0.0%)');
  });

  it('one worker is not told twice', () => {
    assert.equal(dataWaitLine({ all: 0.5, workers: { w0: 0.5 } }), 'waited for data 50.0% of the time');
  });

  it('is unknown where no step says how long it took', () => {
    assert.equal(dataWaitShares([row('w0', 0, 0)]), null);
    assert.equal(dataWaitShares([]), null);
  });
});
