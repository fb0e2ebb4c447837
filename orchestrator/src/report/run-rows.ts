/**
 * The rows of metrics.jsonl, sorted by kind and in the order of the run.
 * In: step and epoch rows in any order, some twice. Out: each once.
 */
import type { EpochRow, MetricRow, StepRow } from '@bagfleet/proto';

export interface RunRows {
  readonly steps: readonly StepRow[];
  readonly epochs: readonly EpochRow[];
  readonly stepsPerEpoch: number;
  /** The last epoch whose checkpoint became best. */
  readonly best: EpochRow | null;
}

/** Sorted; of rows with the same key the last wins, as a step that was redone writes its row again. */
export function runRows(rows: readonly MetricRow[]): RunRows {
  const keyed = new Map(
    rows.map((row) => [`${row.kind} ${row.epoch} ${row.kind === 'step' ? row.step : ''}`, row]),
  );
  const kept = [...keyed.values()].sort((a, b) => a.epoch - b.epoch);
  const steps = kept
    .filter((row) => row.kind === 'step')
    .sort((a, b) => a.epoch - b.epoch || a.step - b.step);
  const epochs = kept.filter((row) => row.kind === 'epoch');
  const stepsPerEpoch = steps.reduce((most, row) => Math.max(most, row.step), 1);
  return { steps, epochs, stepsPerEpoch, best: epochs.findLast((row) => row.isBest) ?? null };
}
