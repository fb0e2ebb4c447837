/**
 * What a run's folder gets to look at: a PNG of the curves and a TensorBoard event file.
 * In: the rows of metrics.jsonl in the order of the run, with the times when they came. Out: files by their name
 * in the run's folder; the same names whoever draws them, so that a resumed run replaces them.
 */
import { type MetricName, RUN_FILES } from '@bagfleet/proto';
import { curvesPng } from '../report/curves.js';
import { tensorboardFile, tensorboardFileName } from '../report/tensorboard.js';
import type { TimedRow } from './metric-rows.js';

export interface DrawnFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface DrawnRun {
  readonly id: string;
  readonly metric: MetricName;
  readonly stepsPerEpoch: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
}

export function drawRun(run: DrawnRun, rows: readonly TimedRow[]): DrawnFile[] {
  const { startedAt } = run;
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
