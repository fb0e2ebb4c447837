/**
 * TensorBoard event files of a run: loss, rate, gradient norm, speed and balance per step, metrics per epoch.
 * In: rows of metrics.jsonl, steps per epoch, wall times. Out: bytes; a file is its head and then any number of
 * rows, so it can be appended to. A file's name must hold `tfevents` for TensorBoard to see it.
 */
import { type EpochRow, METRIC_NAMES, type MetricRow, type StepRow } from '@bagfleet/proto';
import { type Scalar, scalarEvent, versionEvent } from './tensorboard-event.js';
import { frameRecord } from './tfrecord.js';

/** `wallTime` in seconds since 1970, when the run began. */
export function tensorboardFileName(wallTime: number): string {
  return `events.out.tfevents.${Math.floor(wallTime)}.bagfleet`;
}

/** What the file begins with. */
export function tensorboardHead(wallTime: number): Uint8Array {
  return frameRecord(versionEvent(wallTime));
}

/**
 * One row. The step axis counts updates since the run began, as checkpoint folders do: an epoch's row stands at its
 * last update. Values that are undefined are left out.
 */
export function tensorboardRow(row: MetricRow, stepsPerEpoch: number, wallTime: number): Uint8Array {
  const step = row.kind === 'step' ? (row.epoch - 1) * stepsPerEpoch + row.step : row.epoch * stepsPerEpoch;
  return frameRecord(scalarEvent(wallTime, step, row.kind === 'step' ? stepScalars(row) : epochScalars(row)));
}

/** A whole file. `startedAt` and `wallTimes` (one per row) in seconds since 1970. */
export function tensorboardFile(
  rows: readonly MetricRow[],
  stepsPerEpoch: number,
  startedAt: number,
  wallTimes: readonly number[] = wallTimesOf(rows, startedAt),
): Uint8Array {
  return Buffer.concat([
    tensorboardHead(startedAt),
    ...rows.map((row, i) => tensorboardRow(row, stepsPerEpoch, wallTimes[i])),
  ]);
}

/** When each row was written, from the durations that the rows tell; rows in the order of the run. */
export function wallTimesOf(rows: readonly MetricRow[], startedAt: number): number[] {
  let epochBegan = startedAt;
  let now = startedAt;
  return rows.map((row) => {
    if (row.kind === 'step') now += row.milliseconds / 1000;
    else now = epochBegan = Math.max(now, epochBegan + row.seconds);
    return now;
  });
}

function stepScalars(row: StepRow): Scalar[] {
  return [
    { tag: 'train/loss', value: row.loss },
    { tag: 'train/rate', value: row.rate },
    { tag: 'train/gradientNorm', value: row.gradientNorm },
    { tag: 'train/bagsPerSecond', value: (1000 * row.bags) / row.milliseconds },
    { tag: 'train/instancesPerSecond', value: (1000 * row.instances) / row.milliseconds },
    { tag: 'train/balance', value: row.balance },
  ];
}

function epochScalars(row: EpochRow): Scalar[] {
  const metrics = METRIC_NAMES.flatMap((name): Scalar[] => {
    const value = row.validation?.[name];
    return typeof value === 'number' ? [{ tag: `validation/${name}`, value }] : [];
  });
  return [
    { tag: 'epoch/trainLoss', value: row.trainLoss },
    { tag: 'epoch/bagsPerSecond', value: row.bagsPerSecond },
    ...metrics,
  ];
}
