/**
 * One training step, from bags to new parameters: the heart of the trainer.
 *
 *   bags → a gradient per slot → tallies to all → agreed scales → integers → exact sum → one update
 *
 * In: the step's plan. Out: the state's parameters after the step, the same bits on every worker,
 * and what the step had to say (loss, weight, times). Applied once or not at all (I3): nothing of the
 * state changes before the sum is complete.
 */
import { type BagEntry, planDigest, type Slot, type StepPlan, slotsOf } from '@bagfleet/proto';
import type { Collective } from '../collective/collective.js';
import { combineExponents } from '../collective/combine-exponents.js';
import { type CheckedStep, checkTallies, type SlotTally, type Tally } from '../collective/tally.js';
import { decodeTally, encodeTally } from '../collective/tally-codec.js';
import type { Bag } from '../data/bag.js';
import type { ComputeClient } from '../engine/compute-client.js';
import type { SharedFloats, SlotGradient } from '../engine/compute-protocol.js';
import type { GradientSum } from './gradient-sum.js';

export interface StepParts {
  readonly bags: readonly BagEntry[];
  readonly collective: Collective;
  readonly compute: ComputeClient;
  readonly sum: GradientSum;
  /** Hands out the worker's bags in the order of its slots. */
  readonly nextBag: () => Promise<Bag>;
  /** A gradient buffer for the worker's k-th slot of a step. */
  readonly buffer: (k: number) => SharedFloats;
  /** Blocks of the flat gradient. */
  readonly blocks: number;
}

export interface StepOutcome {
  /** Every slot's tally, in slot order: the same on all workers. */
  readonly slots: readonly SlotTally[];
  /** Σ weighted losses and Σ weights, added in slot order as float64. */
  readonly lossSum: number;
  readonly weightSum: number;
  readonly gradientNorm: number;
  /** Slots whose gradient this worker computed, counted where it was computed. */
  readonly computed: readonly number[];
  readonly computeMs: number;
}

interface ComputedSlot {
  readonly slot: Slot;
  readonly gradient: SharedFloats;
  readonly result: SlotGradient;
}

export async function trainStep(
  parts: StepParts,
  plan: StepPlan,
  update: { readonly step: number; readonly rate: number },
): Promise<StepOutcome> {
  const key = { epoch: plan.epoch, step: plan.step };

  const computed = await computeSlots(parts, plan);
  const { slots, exponents, weight } = await exchangeTallies(parts, plan, computed);
  const summed = await parts.sum.reduce(
    key,
    computed.map(({ gradient }) => gradient),
    exponents,
  );
  const { gradientNorm } = await parts.compute.call('update', { ...summed, ...update, weight });

  return {
    slots,
    lossSum: slots.reduce((sum, slot) => sum + slot.loss, 0),
    weightSum: weight,
    gradientNorm,
    computed: computed.map(({ slot }) => slot.index),
    computeMs: computed.reduce((sum, { result }) => sum + result.milliseconds, 0),
  };
}

/** Tells all what one's slots gave, and hears the same from all; refuses unless that is exactly the plan. */
async function exchangeTallies(
  parts: StepParts,
  plan: StepPlan,
  computed: ComputedSlot[],
): Promise<CheckedStep> {
  const key = { epoch: plan.epoch, step: plan.step };
  const mine = encodeTally(tallyOf(plan, computed, parts.blocks));
  const bytes = await parts.collective.exchange(key, 'tally', mine);
  const tallies = bytes.map((message, rank) => decodeTally(message, `worker of rank ${rank}`));
  return checkTallies(plan, tallies, (bag) => parts.bags[bag].id);
}

/** Asks for the next gradient while the thread computes the last one; answers come in order. */
async function computeSlots(parts: StepParts, plan: StepPlan): Promise<ComputedSlot[]> {
  const { bags, compute, buffer, nextBag } = parts;
  const running: Promise<ComputedSlot>[] = [];
  try {
    for (const [k, slot] of slotsOf(plan, parts.collective.rank).entries()) {
      const { id, features, instances } = await nextBag();
      const bag = { id, features, instances, label: bags[slot.bag].label };
      const gradient = buffer(k);
      const answer = compute.call('gradient', { bag, epoch: plan.epoch, into: gradient });
      running.push(answer.then((result) => ({ slot, gradient, result })));
    }
  } finally {
    // Whatever fails first is thrown; the others must not become unhandled rejections.
    for (const answer of running) answer.catch(() => undefined);
  }
  return Promise.all(running);
}

/** What all must know of one's slots: scales, losses, predictions, and that nothing is infinite. */
function tallyOf(plan: StepPlan, computed: readonly ComputedSlot[], blocks: number): Tally {
  return {
    plan: planDigest(plan),
    exponents: combineExponents(
      blocks,
      computed.map(({ result }) => result.exponents),
    ),
    slots: computed.map(({ slot, result }) => ({
      slot: slot.index,
      bag: slot.bag,
      loss: result.loss,
      weight: result.weight,
      logits: result.logits,
      finite: result.finite,
      computeMs: result.milliseconds,
    })),
  };
}
