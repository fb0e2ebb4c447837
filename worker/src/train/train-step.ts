/**
 * One training step, from bags to new parameters: the heart of the trainer.
 *
 *   bags → a gradient per slot → tallies to all → agreed scales → integers → exact sum → one update
 *
 * In: the step's plan. Out: the state's parameters after the step, the same bits on every worker,
 * and what the step had to say (loss, weight, times). Applied once or not at all (I3): nothing of the
 * state changes before the sum is complete, and an update that has begun is not interrupted.
 */
import { planDigest, type StepPlan } from '@bagfleet/proto';
import { combineExponents } from '../collective/combine-exponents.js';
import { type CheckedStep, type CountedSlot, checkTallies, type Tally } from '../collective/tally.js';
import { decodeTally, encodeTally } from '../collective/tally-codec.js';
import type { BagTurn } from './bag-turns.js';
import { type ComputedSlot, computeSlots } from './compute-slots.js';
import type { GradientSum } from './gradient-sum.js';
import type { RunParts } from './run-parts.js';
import { verifySlot } from './verify-slot.js';

export interface StepParts {
  readonly run: RunParts;
  readonly sum: GradientSum;
  readonly turn: BagTurn;
}

/** `step` counts updates from 1; `rate` is this step's learning rate. */
export interface UpdateSetting {
  readonly step: number;
  readonly rate: number;
}

export interface AppliedStep {
  readonly kind: 'applied';
  /** Every slot's tally, in slot order: the same on all workers. */
  readonly slots: readonly CountedSlot[];
  /** Σ weighted losses and Σ weights, added in slot order as float64. */
  readonly lossSum: number;
  readonly weightSum: number;
  readonly gradientNorm: number;
  /** [slot, bag] of each gradient that this worker computed, counted where it was computed. */
  readonly computed: readonly (readonly [number, number])[];
  readonly computeMs: number;
  /** In which this worker's compute thread had nothing to do because a bag was not there. */
  readonly dataWaitMs: number;
}

/** Not applied: some slots are not finite. The same ones on all workers. */
export interface PoisonedStep {
  readonly kind: 'poisoned';
  readonly slots: readonly CountedSlot[];
}

export async function trainStep(
  { run, sum, turn }: StepParts,
  plan: StepPlan,
  update: UpdateSetting,
): Promise<AppliedStep | PoisonedStep> {
  const key = { epoch: plan.epoch, step: plan.step };

  const { computed, dataWaitMs } = await computeSlots(run, plan, turn, update.step);
  const { slots, poisoned, exponents, weight } = await exchangeTallies(run, plan, computed);
  if (poisoned.length > 0) return { kind: 'poisoned', slots: poisoned };
  await verifySlot(run, plan, computed, exponents, update.step);
  const gradients = computed.map(({ gradient }) => gradient);
  const summed = await sum.reduce(key, gradients, exponents);
  const { gradientNorm } = await run.compute.call('update', { ...summed, ...update, weight });

  return {
    kind: 'applied',
    slots,
    lossSum: slots.reduce((total, slot) => total + slot.loss, 0),
    weightSum: weight,
    gradientNorm,
    computed: computed.map(({ slot, bag }) => [slot.index, bag] as const),
    computeMs: computed.reduce((total, { result }) => total + result.milliseconds, 0),
    dataWaitMs,
  };
}

/** Tells all what one's slots gave, and hears the same from all; refuses unless that is exactly the plan. */
async function exchangeTallies(
  { collective, state }: RunParts,
  plan: StepPlan,
  computed: readonly ComputedSlot[],
): Promise<CheckedStep> {
  const key = { epoch: plan.epoch, step: plan.step };
  const mine = encodeTally(tallyOf(plan, computed, state.layout.blocks));
  const bytes = await collective.exchange(key, 'tally', mine);
  const tallies = bytes.map((message, rank) => decodeTally(message, `worker of rank ${rank}`));
  return checkTallies(plan, tallies);
}

/** What all must know of one's slots: scales, losses, predictions, and whether anything is not finite. */
function tallyOf(plan: StepPlan, computed: readonly ComputedSlot[], blocks: number): Tally {
  return {
    plan: planDigest(plan),
    exponents: combineExponents(
      blocks,
      computed.map(({ result }) => result.exponents),
    ),
    slots: computed.map(({ slot, bag, result }) => ({
      slot: slot.index,
      bag,
      loss: result.loss,
      weight: result.weight,
      logits: result.logits,
      finite: result.finite,
      computeMs: result.milliseconds,
    })),
  };
}
