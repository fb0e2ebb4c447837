/**
 * The curves behind the ranking metrics, for pictures.
 * In: a score table. Out: points in the order of falling thresholds; empty where the curve is undefined.
 */
import type { ScoreTable } from './score-table.js';

export type CurvePoint = readonly [x: number, y: number];

/** [1 - specificity, sensitivity] from [0, 0] to [1, 1]: the area below is `auc`. Needs both classes. */
export function rocCurve({ rows, positives, negatives }: ScoreTable): CurvePoint[] {
  if (positives === 0 || negatives === 0) return [];
  const points = rows.map(
    (row): CurvePoint => [row.falsePositives / negatives, row.truePositives / positives],
  );
  return [[0, 0], ...points];
}

/** [recall, precision] at each score; `auprc` is the area below its steps. Needs a positive bag. */
export function precisionRecallCurve({ rows, positives }: ScoreTable): CurvePoint[] {
  if (positives === 0) return [];
  return rows.map(({ truePositives, falsePositives }) => [
    truePositives / positives,
    truePositives / (truePositives + falsePositives),
  ]);
}
