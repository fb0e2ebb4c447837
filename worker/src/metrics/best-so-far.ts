/**
 * Which validation is the best so far, and when a run may end early: a pure function of the values in their
 * order, so that every worker and every resumed run decides alike.
 * In: what Progress keeps, the newest value. Out: the next state, and what it decides, with the reason.
 */
import { type JobSpec, type MetricName, type Progress, SMALLER_IS_BETTER } from '@bagfleet/proto';
import { UNDEFINED_BECAUSE } from './undefined-because.js';

export type BestSoFar = Pick<Progress, 'bestMetric' | 'bestEpoch' | 'validationsWithoutGain'>;

export interface Validation {
  /** Epochs that are complete. */
  readonly epoch: number;
  /** The deciding metric's value; null where it is undefined. */
  readonly value: number | null;
}

export interface Verdict {
  readonly best: BestSoFar;
  /** This validation is the best so far: its checkpoint becomes `best`. */
  readonly isBest: boolean;
  readonly stop: boolean;
  /** One sentence with numbers. */
  readonly reason: string;
}

export const NOTHING_YET: BestSoFar = { bestMetric: null, bestEpoch: null, validationsWithoutGain: 0 };

/** Whether `a` is strictly better than `b` by this metric; any value is better than none. */
export function better(metric: MetricName, a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a !== null;
  return gain(metric, a, b) > 0;
}

/**
 * `best` moves with any strict improvement (of equals the earlier stays); patience starts anew only with a gain of
 * more than `minDelta` over the best before it, so many tiny gains do not keep a run alive.
 */
export function afterValidation(
  before: BestSoFar,
  { epoch, value }: Validation,
  { metric, earlyStop }: Pick<JobSpec['validation'], 'metric' | 'earlyStop'>,
): Verdict {
  const isBest = better(metric, value, before.bestMetric);
  const enough =
    isBest &&
    (before.bestMetric === null ||
      gain(metric, value as number, before.bestMetric) > (earlyStop?.minDelta ?? 0));
  const best: BestSoFar = {
    bestMetric: isBest ? value : before.bestMetric,
    bestEpoch: isBest ? epoch : before.bestEpoch,
    validationsWithoutGain: enough ? 0 : before.validationsWithoutGain + 1,
  };
  const stop = earlyStop !== null && best.validationsWithoutGain >= earlyStop.patience;
  return {
    best,
    isBest,
    stop,
    reason: `${sayValue(metric, value)}, ${sayBest(before, best, isBest)}${stop ? sayStop(best) : ''}`,
  };
}

/** The verdict after a whole history, oldest first; null for none. */
export function verdictOf(
  history: readonly Validation[],
  rule: Pick<JobSpec['validation'], 'metric' | 'earlyStop'>,
): Verdict | null {
  return history.reduce<Verdict | null>(
    (last, at) => afterValidation(last?.best ?? NOTHING_YET, at, rule),
    null,
  );
}

function gain(metric: MetricName, a: number, b: number): number {
  return SMALLER_IS_BETTER.includes(metric) ? b - a : a - b;
}

function sayValue(metric: MetricName, value: number | null): string {
  return value === null
    ? `${metric} is undefined: ${UNDEFINED_BECAUSE[metric]}`
    : `${metric} ${value.toFixed(4)}`;
}

function sayBest(before: BestSoFar, best: BestSoFar, isBest: boolean): string {
  if (best.bestMetric === null) return 'no best yet';
  if (!isBest) return `best stays ${best.bestMetric.toFixed(4)} of epoch ${best.bestEpoch}`;
  return before.bestMetric === null
    ? 'the first best'
    : `better than ${before.bestMetric.toFixed(4)} of epoch ${before.bestEpoch}`;
}

function sayStop(best: BestSoFar): string {
  return `; stopping early after ${best.validationsWithoutGain} validations without enough gain`;
}
