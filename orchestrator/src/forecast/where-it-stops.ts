/**
 * From which fleet on more workers hardly help, and why.
 * In: forecasts of growing fleets. Out: a sentence with its numbers and what would change it; null if all of them help.
 */
import type { Forecast, ForecastInput } from './forecast-epoch.js';

/** A larger fleet helps if an epoch takes less than this share of the smaller one's time. */
const HELPS = 0.9;
/** From this share of the time on, something is the limit. */
const LARGE_SHARE = 0.3;

export interface Stop {
  /** The last fleet that helps. */
  readonly workers: number;
  readonly why: string;
}

export function whereItStops(input: ForecastInput, forecasts: readonly Forecast[]): Stop | null {
  const place = forecasts.findIndex((forecast, index) => {
    const next = forecasts[index + 1];
    return next !== undefined && next.epochSeconds > HELPS * forecast.epochSeconds;
  });
  if (place < 0) return null;
  return { workers: forecasts[place].workers, why: whyNot(input, forecasts[place + 1]) };
}

function whyNot({ batch, sharedCores, threadsPerWorker, costs }: ForecastInput, next: Forecast): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  if (sharedCores !== null && next.workers * threadsPerWorker > sharedCores)
    return `${next.workers} workers of ${threadsPerWorker} ${threadsPerWorker === 1 ? 'thread' : 'threads'} share the ${sharedCores} cores of this machine; a fleet on other machines has its own`;
  if (next.workers > batch)
    return `a step has ${batch} bags, so ${next.workers - batch} of ${next.workers} workers would have nothing to do; a larger train.batch feeds more of them, and changes the result`;
  if (next.allReduceShare > LARGE_SHARE)
    return `summing ${(costs.parameters / 1e6).toFixed(1)} M parameters takes ${percent(next.allReduceShare)} of the time; a larger train.batch or a faster network makes that less`;
  if (next.largestBagShare > 1 - LARGE_SHARE)
    return `the largest bag of a step takes ${percent(next.largestBagShare)} of the time that the busiest worker takes; a larger train.batch evens that out`;
  return `bags are whole, and a step of ${batch} can't be spread evenly over ${next.workers} workers (imbalance ${percent(next.imbalance)}); a larger train.batch evens that out`;
}
