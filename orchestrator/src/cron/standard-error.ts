/**
 * How finely a hold-out can tell two models apart.
 * In: a metric's value, how many bags of each class there are. Out: its standard error and its smallest step; a
 * sentence when a gate's margin is smaller than they are. Nothing is said of metrics for which no formula is known.
 */
import type { MetricName } from '@bagfleet/proto';

export interface HoldOutSize {
  readonly positives: number;
  readonly negatives: number;
}

export interface Precision {
  readonly error: number;
  readonly step: number;
}

export function precisionOf(metric: MetricName, value: number, size: HoldOutSize): Precision | null {
  const { positives, negatives } = size;
  if (positives === 0 || negatives === 0) return null;
  switch (metric) {
    case 'auc':
      return { error: aucError(value, size), step: 1 / (positives * negatives) };
    case 'accuracy':
      return shareOf(value, positives + negatives);
    case 'sensitivity':
      return shareOf(value, positives);
    case 'specificity':
      return shareOf(value, negatives);
    default:
      return null;
  }
}

/** null when the margin is wide enough, or nothing is known. */
export function tooSmallFor(
  margin: number,
  metric: MetricName,
  value: number,
  size: HoldOutSize,
): string | null {
  const precision = precisionOf(metric, value, size);
  if (!precision || Math.max(precision.error, precision.step) <= margin) return null;
  const bags = `${size.positives} positive and ${size.negatives} negative bags`;
  const what =
    precision.error > precision.step
      ? `the standard error of ${metric} ${round(value)} is ${round(precision.error)}`
      : `${metric} moves in steps of ${round(precision.step)}`;
  return `the hold-out is too small for a margin of ${round(margin)}: on ${bags} ${what}`;
}

/** Hanley and McNeil (1982), formula 2, with exponential scores for Q1 and Q2. */
function aucError(auc: number, { positives, negatives }: HoldOutSize): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance =
    (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)) /
    (positives * negatives);
  return Math.sqrt(Math.max(0, variance)); // below 0 by rounding only
}

function shareOf(share: number, bags: number): Precision {
  return { error: Math.sqrt((share * (1 - share)) / bags), step: 1 / bags };
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
