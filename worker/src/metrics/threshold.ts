/**
 * The decision threshold, chosen on validation predictions and kept with the checkpoint.
 * In: a rule of the job file, predictions. Out: a threshold 0 … 1 (positive: probability ≥ threshold) and why.
 */
import type { ThresholdRule } from '@bagfleet/proto';
import type { BinaryPrediction } from './prediction.js';
import { type ScoreTable, scoreTable } from './score-table.js';

export interface ThresholdChoice {
  readonly threshold: number;
  /** One sentence with the numbers that decided. */
  readonly reason: string;
}

/** Where a rule can't decide (no positives, or for Youden one class only) the threshold is 0.5, and the reason says so. */
export function chooseThreshold(
  rule: ThresholdRule,
  predictions: readonly BinaryPrediction[],
): ThresholdChoice {
  if (rule === '0.5') return { threshold: 0.5, reason: 'the job file says 0.5' };
  const table = scoreTable(predictions);
  return rule === 'youden' ? byYouden(table) : bySensitivity(table, rule.sensitivity);
}

/**
 * Youden's J = sensitivity + specificity - 1 (Youden 1950), compared as integers.
 * Every threshold between two neighbouring scores decides alike, so a cut stands at 0.5 where 0.5 separates them,
 * else halfway. Of equal J the cut nearest 0.5 wins, then the lower one.
 */
function byYouden(table: ScoreTable): ThresholdChoice {
  const { rows, positives, negatives } = table;
  if (positives === 0 || negatives === 0)
    return {
      threshold: 0.5,
      reason: `0.5, as Youden's J needs both classes, not ${positives} positive and ${negatives} negative bags`,
    };
  let best = callNothing(rows[0].probability);
  rows.forEach((row, i) => {
    const gain = row.truePositives * negatives - row.falsePositives * positives; // J · positives · negatives
    const threshold = cutBetween(rows[i + 1]?.probability ?? -Infinity, row.probability);
    if (gain > best.gain || (gain === best.gain && nearer(threshold, best.threshold)))
      best = { gain, threshold };
  });
  const j = best.gain / (positives * negatives);
  return {
    threshold: best.threshold,
    reason: `Youden's J is ${j.toFixed(3)} on ${positives} positive and ${negatives} negative bags`,
  };
}

/** The largest threshold with sensitivity ≥ wanted: the score of a positive bag. */
function bySensitivity({ rows, positives, negatives }: ScoreTable, wanted: number): ThresholdChoice {
  if (positives === 0) return { threshold: 0.5, reason: `0.5, as none of ${negatives} bags is positive` };
  if (wanted === 0) return { threshold: 1, reason: 'every threshold has a sensitivity of 0 or more' };
  const { probability, truePositives } =
    rows.find((row) => row.truePositives / positives >= wanted) ?? rows[rows.length - 1];
  return {
    threshold: probability,
    reason: `finds ${truePositives} of ${positives} positive bags, ${wanted} wanted`,
  };
}

/** A threshold in (below, above]; `below` is -Infinity under the lowest score. */
function cutBetween(below: number, above: number): number {
  if (below < 0.5 && 0.5 <= above) return 0.5;
  const halfway = (Math.max(below, 0) + above) / 2;
  return halfway > below ? halfway : above; // neighbouring doubles have no middle
}

/** The cut above the highest score: J is 0 there. No threshold ≤ 1 lies above a score of 1. */
function callNothing(highest: number): { gain: number; threshold: number } {
  if (highest === 1) return { gain: -Infinity, threshold: 1 };
  return { gain: 0, threshold: highest < 0.5 ? 0.5 : (highest + 1) / 2 };
}

function nearer(a: number, b: number): boolean {
  const difference = Math.abs(a - 0.5) - Math.abs(b - 0.5);
  return difference < 0 || (difference === 0 && a < b);
}
