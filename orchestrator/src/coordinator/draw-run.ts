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
  const name = `${RUN_FILES.tensorboard}${tensorboardFileName(rows[0].wallTime)}`;
  return [
    { name: RUN_FILES.curves, bytes: curvesPng(rows.map(({ row }) => row), { run: run.id, metric: run.metric }) },
    { name, bytes: tensorboardFile(rows, run.stepsPerEpoch) },
  ];
}
