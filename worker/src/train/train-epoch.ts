/**
 * The steps of one epoch, one after the other. In: their plans and the worker's bags in that order.
 * Out: what each step gave; the state has moved on by all of them, or up to a step that found a poisoned bag,
 * which is left out from there on: the rest of the epoch is then to be planned anew.
 */
import type { CostModel, StepPlan } from '@bagfleet/proto';
import type { BagTurn } from './bag-turns.js';
import type { GradientSum } from './gradient-sum.js';
import { settlePoisoned } from './poisoned-bags.js';
import { afterEmptyStep, afterStep, withSkipped } from './progress.js';
import type { RunParts } from './run-parts.js';
import { rateAt } from './schedule.js';
import { reportEmptyStep, reportFirstUpdate, reportStep, type StepReport } from './step-report.js';
import { type AppliedStep, trainStep } from './train-step.js';

export interface EpochParts {
  /** From the first step that is not applied yet. */
  readonly plans: readonly StepPlan[];
  /** Steps of the whole epoch. */
  readonly steps: number;
  readonly turn: BagTurn;
  readonly sum: GradientSum;
  /** What the plans were made with. */
  readonly costs: CostModel;
}

/** Appends to `outcomes`; false if the rest must be planned anew. */
export async function trainEpoch(
  parts: RunParts,
  epoch: EpochParts,
  outcomes: AppliedStep[],
): Promise<boolean> {
  const { job, collective, state, reporter } = parts;
  const length = { epochs: job.train.epochs, stepsPerEpoch: epoch.steps };
  for (const plan of epoch.plans) {
    await parts.boundary();
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
    if (plan.slots.length === 0) {
      state.progress = afterEmptyStep(state.progress);
      reportEmptyStep(parts, plan);
      continue;
    }
    const outcome = await trainStep({ run: parts, sum: epoch.sum, turn: epoch.turn }, plan, { step, rate });
    if (outcome.kind === 'poisoned') {
      const bags = await settlePoisoned(parts, plan, outcome.slots, step);
      state.progress = withSkipped(state.progress, idsOf(parts, bags));
      return false;
    }
    state.progress = afterStep(state.progress, outcome.lossSum, outcome.weightSum);
    reportStep(report, outcome, rate);
    if (step === 1) reportFirstUpdate(report);
    outcomes.push(outcome);
  }
  return true;
}

function idsOf({ dataset }: RunParts, bags: readonly number[]): string[] {
  return bags.map((bag) => dataset.manifest.bags[bag].id);
}
