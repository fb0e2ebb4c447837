/** The status that people see, moved on by rows. */
import assert from 'node:assert/strict';
import { afterRow, ended, newStatus } from '@bagfleet/orchestrator/coordinator/run-status';
import { BagfleetError, type DatasetManifest, parseJob, type StepRow, statusSchema } from '@bagfleet/proto';

const MANIFEST: DatasetManifest = {
  schemaVersion: 1,
  name: 'd',
  instanceShape: [4],
  classes: ['a', 'b'],
  bags: Array.from({ length: 10 }, (_, i) => ({
    id: `b${i}`,
    key: `b${i}.npy`,
    bytes: 1,
    instances: 5,
    label: i % 2,
    split: 'train' as const,
  })),
};
const JOB = parseJob({ data: { manifest: 'm' }, train: { epochs: 2, batch: 4 } }, 'test');
const START = new Date('2026-01-02T03:04:05Z');

function stepRow(epoch: number, step: number, loss: number, weight = 4): StepRow {
  return {
    kind: 'step',
    epoch,
    step,
    loss,
    weight,
    rate: 1e-3,
    gradientNorm: 1,
    bags: weight,
    instances: 5 * weight,
    balance: 1,
    milliseconds: 500,
  };
}

describe("a run's status", () => {
  const fresh = newStatus('run-1', JOB, MANIFEST, START);

  it('begins as a valid status with the steps of an epoch', () => {
    assert.equal(statusSchema.parse(fresh.status).steps, 3);
    assert.equal(fresh.status.state, 'starting');
  });

  it('averages the loss of the epoch by weight, and starts anew with each epoch', () => {
    const two = afterRow(afterRow(fresh, stepRow(1, 1, 1)), stepRow(1, 2, 4, 2));
    assert.equal(two.status.loss, (1 * 4 + 4 * 2) / 6);
    assert.equal(afterRow(two, stepRow(2, 1, 9)).status.loss, 9);
  });

  it('estimates speed and the time that is left from recent steps', () => {
    const { status } = afterRow(fresh, stepRow(1, 1, 1));
    assert.equal(status.bagsPerSecond, 8);
    assert.equal(status.instancesPerSecond, 40);
    assert.equal(status.etaSeconds, 5 * 0.5);
  });

  it('remembers the best metric with its epoch', () => {
    const row = {
      kind: 'epoch' as const,
      epoch: 1,
      trainLoss: 1,
      validation: { auc: 0.9 },
      isBest: true,
      bagsPerSecond: 1,
      seconds: 1,
    };
    const { status } = afterRow(afterRow(fresh, row), {
      ...row,
      epoch: 2,
      validation: { auc: 0.8 },
      isBest: false,
    });
    assert.deepEqual(status.metric, { name: 'auc', best: 0.9, epoch: 1 });
  });

  it('ends with the error that it failed with, and without one otherwise', () => {
    const error = new BagfleetError('worker-lost', 'was killed\n  its last lines', { culprit: 'worker w1' });
    const failed = ended(fresh, 'failed', error, START).status;
    assert.equal(failed.phase, 'was killed');
    assert.equal(failed.error?.culprit, 'worker w1');
    assert.equal(ended(fresh, 'cancelled', error, START).status.error, null);
    assert.equal(ended(fresh, 'done', null, START).status.endedAt, START.toISOString());
  });
});
