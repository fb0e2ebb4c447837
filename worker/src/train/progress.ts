/**
 * How progress moves on: pure functions of what a step or a validation gave, the same on every worker.
 */
import type { JobSpec, Progress } from '@bagfleet/proto';
import { afterValidation } from '../metrics/best-so-far.js';
import type { BagScores } from '../metrics/score-bags.js';

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

/** After a step of which every bag is left out: it counts, but there was no update. */
export function afterEmptyStep(progress: Progress): Progress {
  return { ...progress, step: progress.step + 1, stepInEpoch: progress.stepInEpoch + 1 };
}

/** These bags, none of them left out before, take no part in the rest of the run. */
export function withSkipped(progress: Progress, ids: readonly string[]): Progress {
  return { ...progress, skipped: [...progress.skipped, ...ids] };
}

/** Whether early stopping has ended the run: a function of the state, so that a later generation knows it, too. */
export function isStopped(progress: Progress, { earlyStop }: JobSpec['validation']): boolean {
  return earlyStop !== null && progress.validationsWithoutGain >= earlyStop.patience;
}

export interface EpochDecision {
  readonly progress: Progress;
  readonly isBest: boolean;
  /** Early stopping: the patience is used up. */
  readonly stop: boolean;
  /** One sentence with the numbers that decided; null without a validation. */
  readonly reason: string | null;
}

/** After the last step of an epoch; `validation` is null when none was due or there are no validation bags. */
export function afterEpoch(
  progress: Progress,
  validation: Pick<BagScores, 'values' | 'threshold'> | null,
  config: JobSpec['validation'],
): EpochDecision {
  const epoch = progress.epoch + 1;
  const closed = { ...progress, epoch, stepInEpoch: 0, lossSum: 0, weightSum: 0 };
  if (!validation) return { progress: closed, isBest: false, stop: false, reason: null };
  const value = validation.values[config.metric] ?? null;
  const { best, isBest, stop, reason } = afterValidation(progress, { epoch, value }, config);
  return { progress: { ...closed, ...best, threshold: validation.threshold }, isBest, stop, reason };
}
