/**
 * The plan of a whole epoch, made before it begins: every worker makes the same one.
 * In: order, batch, costs, who had which bag in the last epoch. Out: a step plan per step.
 */
import {
  type BagEntry,
  type Balance,
  batchOf,
  type CostModel,
  epochOrder,
  planStep,
  type Slot,
  type StepPlan,
  stepsPerEpoch,
} from '@bagfleet/proto';

export interface EpochPlanInput {
  readonly seed: number;
  readonly epoch: number;
  readonly batch: number;
  readonly workers: number;
  readonly costs: CostModel;
  /** Rank that had the bag (index into `bags`) in the last epoch. */
  readonly previous: ReadonlyMap<number, number>;
  /** All bags of the manifest; `training` are the indices of those that train, in manifest order. */
  readonly bags: readonly BagEntry[];
  readonly training: readonly number[];
  /** Bags that are left out; the others of their batch stay together. */
  readonly skipped?: ReadonlySet<number>;
  readonly balance?: Balance;
}

const NONE: ReadonlySet<number> = new Set();

export function planEpoch(input: EpochPlanInput): StepPlan[] {
  const { seed, epoch, batch, workers, costs, previous, bags, training, skipped = NONE } = input;
  const { balance = 'cost' } = input;
  const order = epochOrder(seed, epoch, training.length);
  return Array.from({ length: stepsPerEpoch(training.length, batch) }, (_, step) => {
    const indices = Array.from(batchOf(order, batch, step), (place) => training[place]);
    return planStep({
      epoch,
      step,
      slots: slotsFor(
        indices.filter((bag) => !skipped.has(bag)),
        bags,
      ),
      skipped: indices.filter((bag) => skipped.has(bag)),
      workers,
      costs,
      previous,
      balance,
    });
  });
}

/** Inference over bags in the order given: one slot per bag, planned like a step. */
export function planPass(args: {
  epoch: number;
  indices: readonly number[];
  bags: readonly BagEntry[];
  workers: number;
  costs: CostModel;
  previous: ReadonlyMap<number, number>;
}): StepPlan {
  const { indices, bags, ...rest } = args;
  return planStep({ ...rest, step: 0, slots: slotsFor(indices, bags) });
}

/** Who has which bag in this epoch: the tie-breaker of the next. */
export function assignmentOf(plans: readonly StepPlan[]): Map<number, number> {
  return new Map(
    plans.flatMap((plan) => plan.slots.map((slot) => [slot.bag, plan.owners[slot.index]] as const)),
  );
}

function slotsFor(indices: readonly number[], bags: readonly BagEntry[]): Slot[] {
  return indices.map((bag, index) => ({ index, bag, instances: bags[bag].instances }));
}
