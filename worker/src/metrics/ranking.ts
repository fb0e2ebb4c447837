/**
 * Metrics of the ranking alone, without a threshold.
 * In: a score table. Out: 0 … 1, or null where the value is undefined.
 */
import type { ScoreTable } from './score-table.js';

/**
 * Area under the ROC curve: the share of (positive, negative) pairs ranked rightly, a tie counting half
 * (Hanley and McNeil 1982); equal to the trapezoid rule. Null with one class only.
 */
export function auc({ rows, positives, negatives }: ScoreTable): number | null {
  if (positives === 0 || negatives === 0) return null;
  let twiceRight = 0; // an integer, so the order of the bags can't change the result
  for (const row of rows)
    twiceRight += row.negatives * (2 * (row.truePositives - row.positives) + row.positives);
  return twiceRight / (2 * positives * negatives);
}

/**
 * Average precision, Σ (recall_i - recall_{i-1}) · precision_i over falling thresholds, without interpolation:
 * scikit-learn's average_precision_score. Null without positives (scikit-learn: 0).
 */
export function averagePrecision({ rows, positives }: ScoreTable): number | null {
  if (positives === 0) return null;
  let sum = 0;
  for (const row of rows)
    sum += (row.positives * row.truePositives) / (row.truePositives + row.falsePositives);
  return sum / positives;
}
