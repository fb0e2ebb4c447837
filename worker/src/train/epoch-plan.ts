/**
 * The plan of a whole epoch, made before it begins: every worker makes the same one.
 * In: order, batch, costs, who had which bag in the last epoch. Out: a step plan per step.
 */
import {
  type BagEntry,
  type Balance,
  batchOf,
  type CostModel,
  type EpochOrder,
  epochEntries,
  planStep,
  type Slot,
  type StepPlan,
  stepsPerEpoch,
} from '@bagfleet/proto';
import { type InstanceDraw, instancesSeen } from '@bagfleet/proto/instances-seen';

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
  readonly order?: EpochOrder;
  /** Which instances a step sees; all, if left out. */
  readonly draw?: InstanceDraw | undefined;
}

/** One entry of an epoch: a bag, for the first time in it or again. */
type Entry = Pick<Slot, 'bag' | 'repeat'>;

const NONE: ReadonlySet<number> = new Set();

export function planEpoch(input: EpochPlanInput): StepPlan[] {
  const { epoch, batch, workers, costs, previous, bags, skipped = NONE, balance = 'cost', draw } = input;
  const entries = entriesOf(input);
  return Array.from({ length: stepsPerEpoch(entries.length, batch) }, (_, step) => {
    const ofStep = batchOf(entries, batch, step);
    const left = ofStep.filter(({ bag }) => !skipped.has(bag));
    return planStep({
      epoch,
      step,
      slots: left.map((entry, index) => ({ index, ...entry, instances: seenOf(bags[entry.bag], draw) })),
      skipped: [...new Set(ofStep.map(({ bag }) => bag))].filter((bag) => skipped.has(bag)),
      workers,
      costs,
      previous,
      balance,
    });
  });
}

/** The epoch's entries in order, bags that are left out included: what is left out changes no other entry. */
function entriesOf({ seed, epoch, order = 'once', bags, training }: EpochPlanInput): Entry[] {
  const labels = training.map((bag) => bags[bag].label);
  const seen = new Map<number, number>();
  return Array.from(epochEntries(order, { seed, epoch, labels }), (place) => {
    const bag = training[place];
    const repeat = seen.get(bag) ?? 0;
    seen.set(bag, repeat + 1);
    return { bag, repeat };
  });
}

function seenOf({ instances }: BagEntry, draw: InstanceDraw | undefined): number {
  return draw ? instancesSeen(draw, instances) : instances;
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
  const slots = indices.map((bag, index) => ({ index, bag, repeat: 0, instances: bags[bag].instances }));
  return planStep({ ...rest, step: 0, slots });
}

/** Who has which bag in this epoch: the tie-breaker of the next. */
export function assignmentOf(plans: readonly StepPlan[]): Map<number, number> {
  return new Map(
    plans.flatMap((plan) => plan.slots.map((slot) => [slot.bag, plan.owners[slot.index]] as const)),
  );
}
