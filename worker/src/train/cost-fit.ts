/**
 * What a bag costs, learned from what bags took: least squares of milliseconds over instances.
 * In: measured times of an epoch (every worker has them all, from the tallies). Out: the next epoch's costs.
 */
import type { CostModel } from '@bagfleet/proto';

export interface MeasuredBag {
  readonly instances: number;
  readonly milliseconds: number;
}

/** Neither coefficient may be negative: then all of the time goes to the other one. */
export function fitCosts(measured: readonly MeasuredBag[], fallback: CostModel): CostModel {
  const count = measured.length;
  if (count < 2) return fallback;
  const meanSize = measured.reduce((sum, bag) => sum + bag.instances, 0) / count;
  const meanTime = measured.reduce((sum, bag) => sum + bag.milliseconds, 0) / count;
  let variance = 0;
  let covariance = 0;
  for (const { instances, milliseconds } of measured) {
    variance += (instances - meanSize) ** 2;
    covariance += (instances - meanSize) * (milliseconds - meanTime);
  }
  if (!(meanTime > 0)) return fallback;
  const slope = variance > 0 ? covariance / variance : 0;
  if (slope <= 0) return { fixed: meanTime, perInstance: 0 };
  const fixed = meanTime - slope * meanSize;
  return fixed >= 0 ? { fixed, perInstance: slope } : { fixed: 0, perInstance: meanTime / meanSize };
}
