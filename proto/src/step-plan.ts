/**
 * The step plan: which worker computes which slot. Every worker derives the same plan from the same
 * arguments, so a step needs no word from the coordinator; by I2 the plan never changes the result.
 * In: the bags of a step, their costs, the number of workers, who had which bag before.
 * Out: an owner (rank) per slot.
 */
import { createHash } from 'node:crypto';
import { bringHome } from './balance/bring-home.js';
import { dealInOrder } from './balance/deal-in-order.js';
import { longestFirst } from './balance/longest-first.js';
import { refineGroups } from './balance/refine-groups.js';
import { settleGroups } from './balance/settle-groups.js';

/** A slot is one unit of gradient computation: here one bag. */
export interface Slot {
  /** Place of the slot in the step, 0 … S-1: the order in which losses are added. */
  readonly index: number;
  /** The bag, as index into the manifest's `bags`. */
  readonly bag: number;
  /** Which entry of the bag in this epoch, from 0: more than 0 only where an epoch may visit a bag several times. */
  readonly repeat: number;
  /** Instances of the bag that are computed on: what its cost is computed from. */
  readonly instances: number;
}

/** Cost of a bag in milliseconds: fixed + perInstance · instances; frozen within an epoch. */
export interface CostModel {
  readonly fixed: number;
  readonly perInstance: number;
}

export const INITIAL_COSTS: CostModel = { fixed: 1, perInstance: 0.01 };

/** How slots get their workers: evenly by what they cost, or in their order, to compare with. */
export const BALANCES = ['cost', 'order'] as const;
export type Balance = (typeof BALANCES)[number];

export interface StepPlan {
  /** 1-based epoch and the 0-based step within it. */
  readonly epoch: number;
  readonly step: number;
  readonly slots: readonly Slot[];
  /** Bags of the batch that are left out for good (poisoned), as indices into the manifest's `bags`. */
  readonly skipped: readonly number[];
  /** owners[s] is the rank that computes slot s. */
  readonly owners: readonly number[];
  readonly workers: number;
}

export function costOf(costs: CostModel, instances: number): number {
  return costs.fixed + costs.perInstance * instances;
}

/**
 * Slots are spread so that the busiest worker has as little as possible, then given to the workers that had these bags
 * before (`previous`, by bag), as far as that makes the step no longer.
 */
export function planStep(args: {
  epoch: number;
  step: number;
  slots: readonly Slot[];
  workers: number;
  costs: CostModel;
  previous?: ReadonlyMap<number, number>;
  skipped?: readonly number[];
  balance?: Balance;
}): StepPlan {
  const { epoch, step, slots, workers, skipped = [], balance = 'cost' } = args;
  const owners = balance === 'cost' ? evenOwners(args) : dealInOrder(slots.length, workers);
  return { epoch, step, slots, skipped, owners, workers };
}

function evenOwners({
  step,
  slots,
  workers,
  costs: model,
  previous,
}: Parameters<typeof planStep>[0]): number[] {
  const costs = slots.map(({ instances }) => costOf(model, instances));
  const before = slots.map(({ bag }) => previous?.get(bag));
  const groupOf = refineGroups(costs, longestFirst(costs, workers), workers);
  const workerOf = settleGroups({ costs, groupOf, groups: workers, before, turn: step });
  return bringHome({ costs, workerOf, workers, before });
}

/** Mean load divided by largest load, 0 … 1: 1 is perfect balance. */
export function balanceOf(plan: StepPlan, costs: CostModel): number {
  const loads = new Array<number>(plan.workers).fill(0);
  for (const slot of plan.slots) loads[plan.owners[slot.index]] += costOf(costs, slot.instances);
  const largest = Math.max(...loads);
  return largest === 0 ? 1 : loads.reduce((sum, load) => sum + load, 0) / (plan.workers * largest);
}

/**
 * The slots of one rank in the order in which it computes them: the smallest first, so that it has something to do
 * while the larger ones arrive. The order is no part of the result.
 */
export function slotsOf(plan: StepPlan, rank: number): Slot[] {
  const own = plan.slots.filter((slot) => plan.owners[slot.index] === rank);
  return own.sort((a, b) => a.instances - b.instances || a.index - b.index);
}

/** Digest of what was planned: workers compare it before they add anything. */
export function planDigest(plan: StepPlan): string {
  const rows = plan.slots.map((slot) => [
    ...[slot.index, slot.bag, slot.repeat, slot.instances],
    plan.owners[slot.index],
  ]);
  return createHash('sha256')
    .update(JSON.stringify([plan.epoch, plan.step, plan.workers, rows, plan.skipped]))
    .digest('hex')
    .slice(0, 32);
}
