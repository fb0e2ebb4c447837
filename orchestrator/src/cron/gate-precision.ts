/**
 * Whether a hold-out can tell differences as small as those that a gate speaks of. Pure.
 * In: the gate, the hold-out's size, a metric's value. Out: a sentence for each metric whose smallest difference in
 * the gate (`best - 0.01`) is less than chance makes.
 */
import type { MetricName } from '@bagfleet/proto';
import type { Comparison } from './gate-parse.js';
import { type HoldOutSize, tooSmallFor } from './standard-error.js';

/** `size` is null for more than two classes, of which nothing is said. */
export function precisionWords(
  gate: readonly Comparison[],
  size: HoldOutSize | null,
  measured: (metric: MetricName) => number | null,
): string[] {
  if (!size) return [];
  return [...marginsOf(gate)].flatMap(([metric, margin]) => {
    const value = measured(metric);
    return value === null ? [] : (tooSmallFor(margin, metric, value, size) ?? []);
  });
}

/** `auc >= production` alone asks for no difference, so nothing can be too small for it. */
function marginsOf(gate: readonly Comparison[]): Map<MetricName, number> {
  const margins = new Map<MetricName, number>();
  for (const { metric, reference, offset } of gate)
    if (reference !== null && offset !== 0)
      margins.set(metric, Math.min(margins.get(metric) ?? Number.POSITIVE_INFINITY, Math.abs(offset)));
  return margins;
}
