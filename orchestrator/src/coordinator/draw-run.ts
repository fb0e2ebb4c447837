/**
 * What a run's folder gets to look at: a PNG of the curves and TensorBoard event files.
 * In: the rows of metrics.jsonl with the times when they came. Out: files by their name in the run's folder.
 */
import { type MetricName, type MetricRow, RUN_FILES } from '@bagfleet/proto';
import { curvesPng } from '../report/curves.js';
import { tensorboardFile, tensorboardFileName } from '../report/tensorboard.js';

export interface TimedRow {
  readonly row: MetricRow;
  /** Seconds since 1970. */
  readonly wallTime: number;
}

export interface DrawnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function drawRun(
  run: { readonly id: string; readonly metric: MetricName; readonly stepsPerEpoch: number },
  rows: readonly TimedRow[],
): DrawnFile[] {
  const startedAt = rows[0].wallTime;
  const metrics = rows.map(({ row }) => row);
  const wallTimes = rows.map(({ wallTime }) => wallTime);
  return [
    { name: RUN_FILES.curves, bytes: curvesPng(metrics, { run: run.id, metric: run.metric }) },
    {
      name: `${RUN_FILES.tensorboard}${tensorboardFileName(startedAt)}`,
      bytes: tensorboardFile(metrics, run.stepsPerEpoch, startedAt, wallTimes),
    },
  ];
}
