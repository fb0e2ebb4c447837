/**
 * Predictions counted by their score: all that ranking metrics and threshold rules need.
 * In: binary predictions in any order. Out: one row per distinct probability, highest first.
 */
import type { BinaryPrediction } from './prediction.js';

export interface ScoreRow {
  readonly probability: number;
  /** Bags of each class with exactly this probability. */
  readonly positives: number;
  readonly negatives: number;
  /** Bags of each class with this probability or a higher one: what the threshold `probability` calls positive. */
  readonly truePositives: number;
  readonly falsePositives: number;
}

export interface ScoreTable {
  readonly rows: readonly ScoreRow[];
  readonly positives: number;
  readonly negatives: number;
}

export function scoreTable(predictions: readonly BinaryPrediction[]): ScoreTable {
  const sorted = [...predictions].sort((a, b) => b.probability - a.probability);
  const rows: ScoreRow[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  for (let start = 0; start < sorted.length; ) {
    const { probability } = sorted[start];
    let end = start;
    let positives = 0;
    while (end < sorted.length && sorted[end].probability === probability) positives += sorted[end++].label;
    const negatives = end - start - positives;
    truePositives += positives;
    falsePositives += negatives;
    rows.push({ probability, positives, negatives, truePositives, falsePositives });
    start = end;
  }
  return { rows, positives: truePositives, negatives: falsePositives };
}
