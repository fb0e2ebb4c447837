/**
 * How well a model finds the instances that matter.
 * In: labels and scores of the instances of each bag. Out: metrics, null where undefined, never NaN.
 */
import { auc, averagePrecision } from './ranking.js';
import { scoreTable } from './score-table.js';

export interface JudgedBag {
  /** [instances], 0 or 1. */
  readonly labels: Uint8Array;
  /** [instances] */
  readonly scores: Float32Array;
  /** An instance with a higher score is called positive. */
  readonly threshold: number;
}

export interface InstanceMetrics {
  readonly bags: number;
  readonly instances: number;
  readonly positives: number;
  /** Over all instances of all bags together. */
  readonly auc: number | null;
  readonly auprc: number | null;
  readonly f1: number | null;
  /** 2 |called ∩ positive| / (|called| + |positive|) of each bag that has positive instances, the mean over these bags. */
  readonly dice: number | null;
}

/** Null without bags. */
export function evaluateInstances(bags: readonly JudgedBag[]): InstanceMetrics | null {
  if (bags.length === 0) return null;
  const table = scoreTable(
    bags.flatMap(({ labels, scores }) =>
      Array.from(labels, (label, i) => ({ label, probability: scores[i] })),
    ),
  );
  const overlaps = bags.map(overlapOf);
  const marked = overlaps.filter(({ positive }) => positive > 0).map(shareOf);
  return {
    bags: bags.length,
    instances: table.positives + table.negatives,
    positives: table.positives,
    auc: auc(table),
    auprc: averagePrecision(table),
    f1: table.positives === 0 ? null : shareOf(overlaps.reduce(added)),
    dice: marked.length === 0 ? null : marked.reduce((sum, dice) => sum + dice, 0) / marked.length,
  };
}

interface Overlap {
  readonly called: number;
  readonly positive: number;
  readonly both: number;
}

function overlapOf({ labels, scores, threshold }: JudgedBag): Overlap {
  const called = labels.map((_, i) => (scores[i] > threshold ? 1 : 0));
  const count = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0);
  return {
    called: count(called),
    positive: count(labels),
    both: count(called.map((value, i) => value & labels[i])),
  };
}

function added(a: Overlap, b: Overlap): Overlap {
  return { called: a.called + b.called, positive: a.positive + b.positive, both: a.both + b.both };
}

function shareOf({ called, positive, both }: Overlap): number {
  return (2 * both) / (called + positive);
}
