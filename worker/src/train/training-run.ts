/**
 * A whole run as one worker of the fleet sees it: epochs of steps, validations, checkpoints.
 * All workers run this same code on the same plans and end with the same state; no one tells them what
 * comes next. In: the parts that the worker process wired. Out: the final state.
 */
import {
  BagfleetError,
  bagsOfSplit,
  type CostModel,
  type EpochRow,
  INITIAL_COSTS,
  type JobSpec,
  outputsOf,
  type StepPlan,
  slotsOf,
} from '@bagfleet/proto';
import { stateDigest } from '../checkpoint/state-digest.js';
import type { Bag } from '../data/bag.js';
import type { BagPrefetch } from '../data/prefetch.js';
import type { SharedFloats } from '../engine/compute-protocol.js';
import { type BagScores, scoreBags } from '../metrics/score-bags.js';
import { fitCosts, type MeasuredBag } from './cost-fit.js';
import { assignmentOf, planEpoch, planPass } from './epoch-plan.js';
import { createGradientSum, type GradientSum } from './gradient-sum.js';
import { afterEpoch, afterStep } from './progress.js';
import type { RunParts } from './run-parts.js';
import { rateAt } from './schedule.js';
import { reportStep, type StepReport } from './step-report.js';
import { type StepOutcome, trainStep } from './train-step.js';
import { sharedFloats } from './training-state.js';
import { validationPass } from './validation-pass.js';

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
        balance,
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

interface EpochParts {
  readonly plans: readonly StepPlan[];
  /** Steps of the whole epoch. */
  readonly steps: number;
  readonly stream: BagPrefetch;
  readonly sum: GradientSum;
  readonly buffers: SharedFloats[];
  readonly balance: Balance;
}

async function trainEpoch(parts: RunParts, epoch: EpochParts): Promise<StepOutcome[]> {
  const { job, dataset, collective, compute, state, reporter } = parts;
  const length = { epochs: job.train.epochs, stepsPerEpoch: epoch.steps };
  const stepParts = {
    bags: dataset.manifest.bags,
    collective,
    compute,
    sum: epoch.sum,
    nextBag: () => nextOf(epoch.stream),
    buffer: (k: number) => (epoch.buffers[k] ??= sharedFloats(state.layout.length)),
    blocks: state.layout.blocks,
  };
  const outcomes: StepOutcome[] = [];
  for (const plan of epoch.plans) {
    reporter.doing('step', plan.epoch, plan.step + 1);
    const report: StepReport = {
      parts,
      plan,
      costs: epoch.balance.costs,
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

async function validate(parts: RunParts, plan: StepPlan, stream: BagPrefetch): Promise<BagScores> {
  const { dataset, collective, compute, job, reporter } = parts;
  reporter.doing('validation', plan.epoch, 0);
  const { bags } = dataset.manifest;
  const outputs = outputsOf(dataset.manifest);
  const scores = await validationPass(
    { bags, collective, compute, outputs, nextBag: () => nextOf(stream) },
    plan,
  );
  const labelled = scores.map((score) => ({ ...score, label: bags[score.bag].label }));
  return scoreBags(labelled, {
    classes: dataset.manifest.classes.length,
    threshold: job.validation.threshold,
  });
}

/** The states must be the same bits everywhere; a worker whose state differs is named. */
async function agreeOnState(parts: RunParts, epoch: number): Promise<void> {
  const digest = Buffer.from(stateDigest(parts.state), 'hex');
  const digests = await parts.collective.exchange({ epoch, step: 0 }, 'state digest', digest);
  const odd = digests.findIndex((other) => Buffer.compare(other, digests[0]) !== 0);
  if (odd < 0) return;
  throw new BagfleetError('state-mismatch', `holds another state than rank 0 after epoch ${epoch}`, {
    culprit: `worker of rank ${odd}`,
    hint: 'One of the machines computes differently: see the fingerprints in events.jsonl.',
  });
}

async function nextOf(stream: BagPrefetch): Promise<Bag> {
  const { done, value } = await stream.next();
  if (done) throw new BagfleetError('bug', 'the bags ended before the plan did');
  return value;
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
