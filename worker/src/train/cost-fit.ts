/**
 * What a bag costs, learned from what bags took: a line through the medians of bags of about the same size.
 * In: measured times of an epoch (every worker has them all, from the tallies). Out: the next epoch's costs.
 *
 * Medians, because times have outliers that have nothing to do with bags: a first step that compiles, a machine that
 * does something else for a moment.
 */
import type { CostModel } from '@bagfleet/proto';

export interface MeasuredBag {
  readonly instances: number;
  readonly milliseconds: number;
}

/** Groups of about the same size that the line goes through. */
const GROUPS = 12;

/** Neither coefficient may be negative: then all of the time goes to the other one. */
export function fitCosts(measured: readonly MeasuredBag[], fallback: CostModel): CostModel {
  if (measured.length < 2) return fallback;
  const points = mediansBySize(measured);
  const meanSize = mean(points.map(({ instances }) => instances));
  const meanTime = mean(points.map(({ milliseconds }) => milliseconds));
  if (!(meanTime > 0)) return fallback;
  const slope = slopeOf(points, meanSize, meanTime);
  if (slope <= 0) return { fixed: meanTime, perInstance: 0 };
  const fixed = meanTime - slope * meanSize;
  return fixed >= 0 ? { fixed, perInstance: slope } : { fixed: 0, perInstance: meanTime / meanSize };
}

/** One point per group of bags of neighbouring sizes, in which outliers do not show. */
function mediansBySize(measured: readonly MeasuredBag[]): MeasuredBag[] {
  const bySize = [...measured].sort((a, b) => a.instances - b.instances);
  const groups = Math.min(GROUPS, bySize.length);
  return Array.from({ length: groups }, (_, group) => {
    const part = bySize.slice(
      Math.floor((group * bySize.length) / groups),
      Math.floor(((group + 1) * bySize.length) / groups),
    );
    return {
      instances: median(part.map(({ instances }) => instances)),
      milliseconds: median(part.map(({ milliseconds }) => milliseconds)),
    };
  });
}

/** Least squares; 0 where all sizes are the same. */
function slopeOf(points: readonly MeasuredBag[], meanSize: number, meanTime: number): number {
  let variance = 0;
  let covariance = 0;
  for (const { instances, milliseconds } of points) {
    variance += (instances - meanSize) ** 2;
    covariance += (instances - meanSize) * (milliseconds - meanTime);
  }
  return variance > 0 ? covariance / variance : 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
