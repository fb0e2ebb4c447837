/** Rows of a small run that never was: 3 epochs of 4 steps, the last batch shorter, one validation left out. */
import type { EpochRow, MetricRow, RunStatus, StepRow } from '@bagfleet/proto';

export const STEPS = 4;

export function stepRow(epoch: number, step: number): StepRow {
  const at = (epoch - 1) * STEPS + step;
  return {
    kind: 'step',
    epoch,
    step,
    loss: 0.7 / at,
    weight: step === STEPS ? 5 : 8,
    rate: 5e-4 / at,
    gradientNorm: 2 / at,
    bags: step === STEPS ? 5 : 8,
    instances: step === STEPS ? 49 : 81,
    balance: 0.9,
    milliseconds: 200 + at,
  };
}

export function epochRow(epoch: number): EpochRow {
  const validation = epoch === 2 ? null : { loss: 0.6 / epoch, auc: 0.8 + epoch / 20, auprc: null, f1: 0.7 };
  return {
    kind: 'epoch',
    epoch,
    trainLoss: 0.7 / epoch,
    validation,
    isBest: epoch !== 2,
    bagsPerSecond: 41.26,
    seconds: 5,
  };
}

export const exampleRows: readonly MetricRow[] = [1, 2, 3].flatMap((epoch) => [
  ...[1, 2, 3, 4].map((step) => stepRow(epoch, step)),
  epochRow(epoch),
]);

export const runningStatus: RunStatus = {
  schemaVersion: 1,
  run: 'mnist-7f3a',
  name: 'mnist',
  state: 'running',
  phase: 'training',
  workers: 3,
  epoch: 3,
  epochs: 30,
  step: 12,
  steps: 63,
  loss: 0.41234,
  bagsPerSecond: 41.2,
  instancesPerSecond: 412,
  etaSeconds: 42,
  metric: { name: 'auc', best: 0.9, epoch: 2 },
  error: null,
  startedAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:10Z',
  endedAt: null,
};
