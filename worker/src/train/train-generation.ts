/**
 * The training of one generation: epochs of steps, validations, checkpoints, from the state that its members
 * agreed on to the end of the run. All members run this same code on the same plans; no one tells them what
 * comes next. In: the parts that the worker process wired. Out: the final state. It may end by an error at any
 * point; the state is then that of the last whole step, and the next generation goes on from there.
 */
import {
  bagsOfSplit,
  type CostModel,
  type EpochRow,
  type JobSpec,
  type StepPlan,
  slotsOf,
} from '@bagfleet/proto';
import { instancesSeen } from '@bagfleet/proto/instances-seen';
import { agreeOnState } from './agree-on-state.js';
import { bagTurns } from './bag-turns.js';
import { fitCosts, type MeasuredBag } from './cost-fit.js';
import { assignmentOf, planEpoch, planPass } from './epoch-plan.js';
import { createGradientSum, type GradientSum } from './gradient-sum.js';
import { afterEpoch, isStopped } from './progress.js';
import type { RunParts } from './run-parts.js';
import { findStragglers } from './stragglers.js';
import { trainEpoch } from './train-epoch.js';
import type { AppliedStep } from './train-step.js';
import { validate } from './validate.js';

/** What one epoch hands to the next; none of it can change the result (I2). */
interface Balance {
  readonly costs: CostModel;
  readonly previous: ReadonlyMap<number, number>;
}

/** What an epoch's steps gave. */
interface EpochOutcome {
  readonly outcomes: readonly AppliedStep[];
  /** performance.now() */
  readonly started: number;
  readonly costs: CostModel;
}

/** Bags of the two splits, as indices into the manifest. */
interface Splits {
  readonly training: readonly number[];
  readonly validating: readonly number[];
}

export async function trainGeneration(parts: RunParts): Promise<void> {
  const { job, state, dataset } = parts;
  const splits: Splits = {
    training: bagsOfSplit(dataset.manifest, 'train', job.data.fold),
    validating: bagsOfSplit(dataset.manifest, 'val', job.data.fold),
  };
  const sum = createGradientSum(job.train.sum, state.layout.length, parts.compute, parts.collective);
  const told = new Set<number>();
  let balance: Balance = { costs: parts.costs, previous: new Map() };
  while (state.progress.epoch < job.train.epochs && !isStopped(state.progress, job.validation))
    balance = await trainWholeEpoch(parts, splits, sum, balance, told);
}

/** What is left of the epoch in work, then what closes it. */
async function trainWholeEpoch(
  parts: RunParts,
  splits: Splits,
  sum: GradientSum,
  balance: Balance,
  told: Set<number>,
): Promise<Balance> {
  const epoch = parts.state.progress.epoch + 1;
  const started = performance.now();
  const outcomes: AppliedStep[] = [];
  for (;;) {
    const plans = planRest(parts, splits.training, epoch, balance);
    const rest = plans.slice(parts.state.progress.stepInEpoch);
    const pass = isDue(parts.job, epoch, splits) ? passOf(parts, epoch, splits.validating, balance) : null;
    const stream = parts.stream(ownBags(parts, pass ? [...rest, pass] : rest));
    const turn = bagTurns(parts, stream);
    const epochParts = { plans: rest, steps: plans.length, turn, sum, costs: balance.costs };
    try {
      if (!(await trainEpoch(parts, epochParts, outcomes))) continue; // a bag is left out: plan the rest anew
      const costs = fitCosts(measuredIn(parts, outcomes), balance.costs);
      await closeEpoch(parts, pass && { plan: pass, turn }, { outcomes, started, costs });
      tellStragglers(parts, epoch, outcomes, costs, told);
      return {
        costs,
        previous: new Map([
          ...balance.previous,
          ...assignmentOf(plans),
          ...(pass ? assignmentOf([pass]) : []),
        ]),
      };
    } finally {
      await stream.return();
    }
  }
}

/** Validation, the decision what is best, agreement on the state, and the checkpoint. */
async function closeEpoch(
  parts: RunParts,
  pass: Parameters<typeof validate>[1] | null,
  { outcomes, started, costs }: EpochOutcome,
): Promise<void> {
  const { job, state, reporter } = parts;
  const { lossSum, weightSum } = state.progress;
  const validation = pass ? await validate(parts, pass) : null;
  const decision = afterEpoch(state.progress, validation, job.validation);
  // In one go: whoever has closed the epoch has its checkpoint, too, whatever breaks after this.
  state.progress = decision.progress;
  const { epoch } = state.progress;
  const kept = isKept(job, epoch, decision.isBest, decision.stop);
  if (kept) parts.copy(validation?.values ?? null, decision.isBest);
  const seconds = (performance.now() - started) / 1000;
  const row: EpochRow = {
    kind: 'epoch',
    epoch,
    trainLoss: weightSum > 0 ? lossSum / weightSum : 0,
    validation: validation?.values ?? null,
    isBest: decision.isBest,
    bagsPerSecond: outcomes.reduce((count, outcome) => count + outcome.slots.length, 0) / seconds,
    seconds,
    costs,
  };
  reporter.epoch(row);
  if (decision.stop && decision.reason && parts.collective.rank === 0)
    reporter.happened('early-stop', decision.reason);
  await agreeOnState(parts, epoch);
  if (kept) await beginCheckpoint(parts, epoch);
}

/** Rank 0 waits for the checkpoint before; the others are patient with it here, and not in the next step. */
async function beginCheckpoint(parts: RunParts, epoch: number): Promise<void> {
  const { checkpointTimeout, stepTimeout } = parts.job.fleet;
  await parts.commit();
  const deadlineMs = (checkpointTimeout + stepTimeout) * 1000;
  await parts.collective.exchange({ epoch, step: 0 }, 'checkpoint', new Uint8Array(), deadlineMs);
}

function planRest(
  { job, dataset, collective, state, bagIndex }: RunParts,
  training: readonly number[],
  epoch: number,
  balance: Balance,
): StepPlan[] {
  return planEpoch({
    seed: job.seed,
    epoch,
    batch: job.train.batch,
    workers: collective.size,
    bags: dataset.manifest.bags,
    training,
    skipped: new Set(state.progress.skipped.map(bagIndex)),
    balance: job.fleet.balance,
    order: job.train.order,
    draw: job.data,
    ...balance,
  });
}

function passOf(parts: RunParts, epoch: number, indices: readonly number[], balance: Balance): StepPlan {
  const { bags } = parts.dataset.manifest;
  return planPass({ epoch, indices, bags, workers: parts.collective.size, ...balance });
}

function ownBags(parts: RunParts, plans: readonly StepPlan[]): number[] {
  return plans.flatMap((plan) => slotsOf(plan, parts.collective.rank).map((slot) => slot.bag));
}

function isDue(job: JobSpec, epoch: number, { validating }: Splits): boolean {
  return validating.length > 0 && (epoch % job.validation.everyEpochs === 0 || epoch === job.train.epochs);
}

function isKept(job: JobSpec, epoch: number, isBest: boolean, isLast: boolean): boolean {
  return isBest || isLast || epoch === job.train.epochs || epoch % job.checkpoint.everyEpochs === 0;
}

/** Every slot's measured time, from the tallies that all workers have. */
function measuredIn(parts: RunParts, outcomes: readonly AppliedStep[]): MeasuredBag[] {
  return outcomes.flatMap(({ slots }) =>
    slots.map(({ bag, computeMs }) => ({ instances: seenIn(parts, bag), milliseconds: computeMs })),
  );
}

/** Instances of a bag that a step computes on. */
function seenIn({ job, dataset }: RunParts, bag: number): number {
  return instancesSeen(job.data, dataset.manifest.bags[bag].instances);
}

/** Each once in a generation. */
function tellStragglers(
  parts: RunParts,
  epoch: number,
  outcomes: readonly AppliedStep[],
  costs: CostModel,
  told: Set<number>,
): void {
  if (parts.collective.rank !== 0) return;
  const { members } = parts;
  const instancesOf = (bag: number) => seenIn(parts, bag);
  for (const { rank, message } of findStragglers({ outcomes, members, costs, instancesOf, epoch })) {
    if (!told.has(rank)) parts.reporter.happened('straggler', message);
    told.add(rank);
  }
}
