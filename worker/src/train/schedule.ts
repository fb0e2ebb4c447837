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
 * after the warm-up) and StepLR (drops at ends of epochs, counted from the run's begin), stepped once per update.
 */
export function rateAt(
  train: Pick<TrainConfig, 'optimizer' | 'schedule'>,
  run: RunLength,
  step: number,
): number {
  const { rate } = train.optimizer;
  const { name, warmupSteps } = train.schedule;
  const before = step - 1; // updates done
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
  const done = Math.min(1, (before - warmupSteps) / decaying);
  return minRate + (train.optimizer.rate - minRate) * 0.5 * (1 + Math.cos(Math.PI * done));
}
