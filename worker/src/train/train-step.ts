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
import { checkTallies } from '../collective/check-tallies.js';
import { combineExponents } from '../collective/block-exponent.js';
import { decodeTally, encodeTally, type SlotTally, type Tally } from '../collective/tally.js';
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
  /** Slots of a full step: the S of the scales. */
  readonly fullStep: number;
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
  const { collective, compute } = parts;
  const key = { epoch: plan.epoch, step: plan.step };

  const computed = await computeSlots(parts, plan);
  const tallies = await exchangeTallies(parts, plan, computed);
  const slots = tallies.flatMap((tally) => tally.slots).sort((a, b) => a.slot - b.slot);
  const weightSum = slots.reduce((sum, slot) => sum + slot.weight, 0);

  const exponents = combineExponents(tallies.map((tally) => tally.exponents));
  const gradients = computed.map(({ gradient }) => gradient);
  const summed = await parts.sum.reduce(key, gradients, exponents);
  const { gradientNorm } = await compute.call('update', { ...summed, ...update, weight: weightSum });

  return {
    slots,
    lossSum: slots.reduce((sum, slot) => sum + slot.loss, 0),
    weightSum,
    gradientNorm,
    computed: computed.map(({ slot }) => slot.index),
    computeMs: computed.reduce((sum, { result }) => sum + result.milliseconds, 0),
  };

  async function exchangeTallies(parts: StepParts, plan: StepPlan, computed: ComputedSlot[]): Promise<Tally[]> {
    const mine = encodeTally(tallyOf(plan, computed, gradientBlocks(parts)));
    const tallies = (await collective.exchange(key, 'tally', mine)).map(decodeTally);
    checkTallies(plan, tallies, (bag) => parts.bags[bag].id);
    return tallies;
  }
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

function gradientBlocks(parts: StepParts): number {
  return parts.buffer(0).length / 256;
}

/** What all must know of one's slots: scales, losses, predictions, and that nothing is infinite. */
function tallyOf(plan: StepPlan, computed: readonly ComputedSlot[], blocks: number): Tally {
  const none = new Int8Array(blocks).fill(126);
  return {
    planDigest: planDigest(plan),
    exponents: combineExponents([none, ...computed.map(({ result }) => result.exponents)]),
    slots: computed.map(({ slot, result }) => ({
      slot: slot.index,
      bag: slot.bag,
      loss: result.loss,
      weight: result.weight,
      logits: result.logits,
      finite: result.finite,
      milliseconds: result.milliseconds,
    })),
  };
}
