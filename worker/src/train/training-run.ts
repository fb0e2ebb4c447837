/**
 * A whole run as one worker of the fleet sees it: epochs of steps, validations, checkpoints.
 * All workers run this same code on the same plans and end with the same state; no one tells them what
 * comes next. In: the parts that the worker process wired. Out: the final state.
 */
import {
  bagsOfSplit,
  type CostModel,
  type EpochRow,
  INITIAL_COSTS,
  type JobSpec,
  type StepPlan,
  slotsOf,
} from '@bagfleet/proto';
import type { SharedFloats } from '../engine/compute-protocol.js';
import { agreeOnState } from './agree-on-state.js';
import { fitCosts, type MeasuredBag } from './cost-fit.js';
import { assignmentOf, planEpoch, planPass } from './epoch-plan.js';
import { createGradientSum } from './gradient-sum.js';
import { afterEpoch } from './progress.js';
import type { RunParts } from './run-parts.js';
import { trainEpoch } from './train-epoch.js';
import type { StepOutcome } from './train-step.js';
import { validate } from './validate.js';

/** What one epoch hands to the next; none of it can change the result (I2). */
interface Balance {
  readonly costs: CostModel;
  readonly previous: ReadonlyMap<number, number>;
}

export async function trainRun(parts: RunParts): Promise<void> {
  const { job, state } = parts;
  const training = bagsOfSplit(parts.dataset.manifest, 'train', job.data.fold);
  const validating = bagsOfSplit(parts.dataset.manifest, 'val', job.data.fold);
  const sum = createGradientSum(job.train.sum, state.layout.length, parts.compute, parts.collective);
  const buffers: SharedFloats[] = [];
  let balance: Balance = { costs: INITIAL_COSTS, previous: new Map() };
  let stop = false;

  while (state.progress.epoch < job.train.epochs && !stop) {
    const epoch = state.progress.epoch + 1;
    const started = performance.now();
    const plans = planEpoch({
      seed: job.seed,
      epoch,
      batch: job.train.batch,
      workers: parts.collective.size,
      bags: parts.dataset.manifest.bags,
      training,
      ...balance,
    });
    const remaining = plans.slice(state.progress.stepInEpoch);
    const pass = isDue(job, epoch, validating) ? passOf(parts, epoch, validating, balance.costs) : null;
    const stream = parts.stream(ownBags(parts, pass ? [...remaining, pass] : remaining));
    try {
      const outcomes = await trainEpoch(parts, {
        plans: remaining,
        steps: plans.length,
        stream,
        sum,
        buffers,
        costs: balance.costs,
      });
      const seconds = (performance.now() - started) / 1000;
      const trainLoss = state.progress.lossSum / state.progress.weightSum;
      const validation = pass ? await validate(parts, pass, stream) : null;
      const decision = afterEpoch(state.progress, validation, job.validation);
      state.progress = decision.progress;
      stop = decision.stop;
      await agreeOnState(parts, epoch);
      if (isKept(job, epoch, decision.isBest, stop))
        await parts.keep(validation?.values ?? null, decision.isBest);
      reportEpoch(parts, {
        kind: 'epoch',
        epoch,
        trainLoss,
        validation: validation?.values ?? null,
        isBest: decision.isBest,
        bagsPerSecond: outcomes.reduce((count, outcome) => count + outcome.slots.length, 0) / seconds,
        seconds,
      });
      if (stop && decision.reason) parts.reporter.happened('early-stop', decision.reason);
      balance = {
        costs: fitCosts(measuredIn(parts, outcomes), balance.costs),
        previous: assignmentOf(plans),
      };
    } finally {
      await stream.return();
    }
  }
}

function passOf(parts: RunParts, epoch: number, indices: readonly number[], costs: CostModel): StepPlan {
  return planPass({
    epoch,
    indices,
    bags: parts.dataset.manifest.bags,
    workers: parts.collective.size,
    costs,
  });
}

function ownBags(parts: RunParts, plans: readonly StepPlan[]): number[] {
  return plans.flatMap((plan) => slotsOf(plan, parts.collective.rank).map((slot) => slot.bag));
}

function isDue(job: JobSpec, epoch: number, validating: readonly number[]): boolean {
  return validating.length > 0 && (epoch % job.validation.everyEpochs === 0 || epoch === job.train.epochs);
}

function isKept(job: JobSpec, epoch: number, isBest: boolean, isLast: boolean): boolean {
  return isBest || isLast || epoch === job.train.epochs || epoch % job.checkpoint.everyEpochs === 0;
}

/** Every slot's measured time, from the tallies that all workers have. */
function measuredIn(parts: RunParts, outcomes: readonly StepOutcome[]): MeasuredBag[] {
  const { bags } = parts.dataset.manifest;
  return outcomes.flatMap(({ slots }) =>
    slots.map(({ bag, computeMs }) => ({ instances: bags[bag].instances, milliseconds: computeMs })),
  );
}

function reportEpoch(parts: RunParts, row: EpochRow): void {
  if (parts.collective.rank === 0) parts.reporter.metric(row);
}
