/**
 * The steps of one epoch, one after the other. In: their plans and the worker's bags in that order.
 * Out: what each step gave; the state has moved on by all of them.
 */
import type { CostModel, StepPlan } from '@bagfleet/proto';
import { type BagPrefetch, nextBag } from '../data/prefetch.js';
import type { SharedFloats } from '../engine/compute-protocol.js';
import type { GradientSum } from './gradient-sum.js';
import { afterStep } from './progress.js';
import type { RunParts } from './run-parts.js';
import { rateAt } from './schedule.js';
import { reportStep, type StepReport } from './step-report.js';
import { type StepOutcome, trainStep } from './train-step.js';
import { sharedFloats } from './training-state.js';

export interface EpochParts {
  readonly plans: readonly StepPlan[];
  /** Steps of the whole epoch. */
  readonly steps: number;
  readonly stream: BagPrefetch;
  readonly sum: GradientSum;
  /** Gradient buffers of the worker's slots, made when first needed and used again in every step. */
  readonly buffers: SharedFloats[];
  /** What the plans were made with. */
  readonly costs: CostModel;
}

export async function trainEpoch(parts: RunParts, epoch: EpochParts): Promise<StepOutcome[]> {
  const { job, dataset, collective, compute, state, reporter } = parts;
  const length = { epochs: job.train.epochs, stepsPerEpoch: epoch.steps };
  const stepParts = {
    bags: dataset.manifest.bags,
    collective,
    compute,
    sum: epoch.sum,
    nextBag: () => nextBag(epoch.stream),
    buffer: (k: number) => (epoch.buffers[k] ??= sharedFloats(state.layout.length)),
    blocks: state.layout.blocks,
  };
  const outcomes: StepOutcome[] = [];
  for (const plan of epoch.plans) {
    reporter.doing('step', plan.epoch, plan.step + 1);
    const report: StepReport = {
      parts,
      plan,
      costs: epoch.costs,
      before: collective.counters(),
      started: performance.now(),
    };
    const step = state.progress.step + 1;
    const rate = rateAt(job.train, length, step);
    const outcome = await trainStep(stepParts, plan, { step, rate });
    state.progress = afterStep(state.progress, outcome.lossSum, outcome.weightSum);
    reportStep(report, outcome, rate);
    outcomes.push(outcome);
  }
  return outcomes;
}
