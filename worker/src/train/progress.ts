/**
 * How progress moves on: pure functions of what a step or a validation gave, the same on every worker.
 */
import { type JobSpec, type MetricName, type MetricValues, type Progress, SMALLER_IS_BETTER } from '@bagfleet/proto';

/** After one update: `lossSum` is the sum of weighted losses in slot order, `weightSum` the sum of weights. */
export function afterStep(progress: Progress, lossSum: number, weightSum: number): Progress {
  return {
    ...progress,
    step: progress.step + 1,
    stepInEpoch: progress.stepInEpoch + 1,
    lossSum: progress.lossSum + lossSum,
    weightSum: progress.weightSum + weightSum,
  };
}

export interface EpochDecision {
  readonly progress: Progress;
  readonly isBest: boolean;
  /** Early stopping: the patience is used up. */
  readonly stop: boolean;
}

/** After the last step of an epoch; `validation` is null when none was due or there are no validation bags. */
export function afterEpoch(
  progress: Progress,
  validation: { readonly values: MetricValues; readonly threshold: number | null } | null,
  config: JobSpec['validation'],
): EpochDecision {
  const closed = { ...progress, epoch: progress.epoch + 1, stepInEpoch: 0, lossSum: 0, weightSum: 0 };
  if (!validation) return { progress: closed, isBest: false, stop: false };
  const value = validation.values[config.metric] ?? null;
  const isBest = value !== null && isBetter(config.metric, value, progress.bestMetric, config.earlyStop?.minDelta ?? 0);
  const withoutGain = isBest ? 0 : progress.validationsWithoutGain + 1;
  return {
    progress: {
      ...closed,
      bestMetric: isBest ? value : progress.bestMetric,
      bestEpoch: isBest ? closed.epoch : progress.bestEpoch,
      validationsWithoutGain: withoutGain,
      threshold: validation.threshold,
    },
    isBest,
    stop: config.earlyStop !== null && withoutGain >= config.earlyStop.patience,
  };
}

function isBetter(metric: MetricName, value: number, best: number | null, minDelta: number): boolean {
  if (best === null) return true;
  return SMALLER_IS_BETTER.includes(metric) ? value < best - minDelta : value > best + minDelta;
}
