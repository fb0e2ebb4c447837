/**
 * The learning rate of each step: a pure function of the job's settings and the step's number.
 * In: peak rate, schedule, the length of the run. Out: the rate of update 1, 2, 3, …
 */
import type { TrainConfig } from '@bagfleet/proto';

export interface RunLength {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/**
 * `step` counts updates from 1. The shapes are PyTorch's LinearLR (warm-up), CosineAnnealingLR (over the steps
 * after the warm-up), StepLR (drops at ends of epochs, counted from the run's begin) and OneCycleLR (cosine annealing,
 * a rise of its own instead of the warm-up), stepped once per update.
 */
export function rateAt(
  train: Pick<TrainConfig, 'optimizer' | 'schedule'>,
  run: RunLength,
  step: number,
): number {
  const { rate } = train.optimizer;
  const { name, warmupSteps } = train.schedule;
  const before = step - 1; // updates done
  if (name === 'onecycle') return oneCycleRate(train, run, before);
  if (name === 'cosine' && before >= warmupSteps) return cosineRate(train, run, before);
  const drops = name === 'step' ? Math.floor(before / run.stepsPerEpoch / train.schedule.stepEpochs) : 0;
  return rate * train.schedule.gamma ** drops * warmupFactor(before, warmupSteps);
}

/** 1/(w+1), 2/(w+1), … w/(w+1), then 1. */
function warmupFactor(before: number, warmupSteps: number): number {
  return Math.min(1, (before + 1) / (warmupSteps + 1));
}

/** From the peak rate down to minRate, which the step after the last one would have. */
function cosineRate(
  train: Pick<TrainConfig, 'optimizer' | 'schedule'>,
  run: RunLength,
  before: number,
): number {
  const { warmupSteps, minRate } = train.schedule;
  const decaying = run.epochs * run.stepsPerEpoch - warmupSteps;
  return cosineBetween(train.optimizer.rate, minRate, (before - warmupSteps) / decaying);
}

/**
 * Smith and Topin 2019: from peak / divFactor up to the peak rate, then down to the first rate / finalDivFactor,
 * which is the last step's. The peak lies between two updates where pctStart of the run is not whole.
 */
function oneCycleRate(
  train: Pick<TrainConfig, 'optimizer' | 'schedule'>,
  run: RunLength,
  before: number,
): number {
  const peak = train.optimizer.rate;
  const { pctStart, divFactor, finalDivFactor } = train.schedule;
  const first = peak / divFactor;
  const steps = run.epochs * run.stepsPerEpoch;
  const rising = pctStart * steps - 1; // updates until the peak
  if (before <= rising && rising > 0) return cosineBetween(first, peak, before / rising);
  const falling = steps - 1 - rising; // 0 only in a run of one update with pctStart 1
  return cosineBetween(peak, first / finalDivFactor, falling > 0 ? (before - rising) / falling : 0);
}

/** Half a cosine wave: `from` where nothing is done, `to` where 1 is, and from there on. */
function cosineBetween(from: number, to: number, done: number): number {
  return to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
}
