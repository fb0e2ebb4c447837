/**
 * What a worker tells the others about its slots of a step, before any gradient is summed, and the check that
 * all of it together is exactly the planned step.
 * In: the plan and everyone's tally. Out: the slots in slot order, the agreed exponents, the total weight.
 */
import { BagfleetError, planDigest, type StepPlan, slotsOf } from '@bagfleet/proto';
import { combineExponents } from './combine-exponents.js';

export interface SlotTally {
  /** Place of the slot in the step. */
  readonly slot: number;
  /** The bag, as index into the manifest's `bags`. */
  readonly bag: number;
  /** Sum of the losses of the slot's bags, times their weights; may be NaN. */
  readonly loss: number;
  /** Sum of the weights of the slot's bags. */
  readonly weight: number;
  /** [outputs] float32. */
  readonly logits: Float32Array;
  /** Whether every entry of the slot's gradient is finite. */
  readonly finite: boolean;
  readonly computeMs: number;
}

export interface Tally {
  /** planDigest of the plan that the worker followed. */
  readonly plan: string;
  /** [blocks] the smallest exponents over the worker's own slots. */
  readonly exponents: Int8Array;
  readonly slots: readonly SlotTally[];
}

/** A slot as a member said it. */
export interface CountedSlot extends SlotTally {
  /** The member that computed it. */
  readonly rank: number;
}

export interface CheckedStep {
  /** All slots of the step, in slot order: the order in which losses are added. */
  readonly slots: readonly CountedSlot[];
  /** Those whose loss or gradient is not finite: with any of them, nothing may be summed. */
  readonly poisoned: readonly CountedSlot[];
  /** [blocks] the smallest exponents over all slots. */
  readonly exponents: Int8Array;
  /** W: the weights added in slot order. */
  readonly weight: number;
}

/**
 * `tallies` are in rank order. Errors: `plan-mismatch` names the worker.
 */
export function checkTallies(plan: StepPlan, tallies: readonly Tally[]): CheckedStep {
  if (tallies.length !== plan.workers)
    throw new BagfleetError('bug', `${tallies.length} tallies for a plan of ${plan.workers} workers`);
  checkDigests(plan, tallies);
  const slots = tallies.flatMap((tally, rank) => checkSlots(plan, tally, rank));
  slots.sort((a, b) => a.slot - b.slot);
  return {
    slots,
    poisoned: slots.filter(({ loss, finite }) => !finite || !Number.isFinite(loss)),
    exponents: agreedExponents(tallies),
    weight: slots.reduce((sum, slot) => sum + slot.weight, 0),
  };
}

function checkDigests(plan: StepPlan, tallies: readonly Tally[]): void {
  const digest = planDigest(plan);
  for (const [rank, tally] of tallies.entries())
    if (tally.plan !== digest)
      throw mismatch(rank, `follows plan ${tally.plan}, this worker follows ${digest}`);
}

/** A rank computed exactly the slots that the plan gives it; over all ranks that is each slot once. */
function checkSlots(plan: StepPlan, tally: Tally, rank: number): readonly CountedSlot[] {
  const planned = slotsOf(plan, rank);
  const counts = new Map<number, number>();
  for (const { slot } of tally.slots) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  for (const slot of planned) {
    const count = counts.get(slot.index) ?? 0;
    if (count !== 1) throw mismatch(rank, `computed slot ${slot.index} ${count} times, the plan says once`);
  }
  for (const { slot, bag } of tally.slots) {
    if (plan.owners[slot] !== rank)
      throw mismatch(rank, `computed slot ${slot}, which the plan gives to ${ownerOf(plan, slot)}`);
    const due = plan.slots[slot].bag;
    if (bag !== due) throw mismatch(rank, `computed bag ${bag} as slot ${slot}, the plan says bag ${due}`);
  }
  return tally.slots.map((slot) => ({ ...slot, rank }));
}

function ownerOf(plan: StepPlan, slot: number): string {
  const owner = plan.owners[slot];
  return owner === undefined ? 'nobody' : `rank ${owner}`;
}

function agreedExponents(tallies: readonly Tally[]): Int8Array {
  const blocks = tallies[0].exponents.length;
  for (const [rank, { exponents }] of tallies.entries())
    if (exponents.length !== blocks)
      throw mismatch(rank, `has a gradient of ${exponents.length} blocks, rank 0 one of ${blocks}`);
  return combineExponents(
    blocks,
    tallies.map((tally) => tally.exponents),
  );
}

function mismatch(rank: number, message: string): BagfleetError {
  return new BagfleetError('plan-mismatch', message, {
    culprit: `worker rank ${rank}`,
    hint: 'All workers of a run must read the same manifest and job with the same version of bagfleet.',
  });
}
