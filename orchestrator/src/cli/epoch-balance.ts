/**
 * How an epoch's work lies on a fleet: pure arithmetic on its step plans.
 * In: plans and costs. Out: per worker its bags, instances and load; efficiency of the whole.
 */
import { balanceOf, type CostModel, costOf, type StepPlan } from '@bagfleet/proto';

export interface WorkerShare {
  readonly rank: number;
  readonly bags: number;
  readonly instances: number;
  /** Milliseconds by the cost model. */
  readonly load: number;
}

export interface EpochBalance {
  readonly workers: readonly WorkerShare[];
  /** Mean load divided by largest load per step, 0 … 1. */
  readonly steps: readonly number[];
  /** Σ mean load / Σ largest load over the steps: the share of time in which workers compute. */
  readonly efficiency: number;
}

export function epochBalance(plans: readonly StepPlan[], costs: CostModel): EpochBalance {
  const fleet = plans[0]?.workers ?? 0;
  const workers = Array.from({ length: fleet }, (_, rank) => shareOf(plans, rank, costs));
  const total = workers.reduce((sum, worker) => sum + worker.load, 0);
  const longest = plans.reduce((sum, plan) => sum + largestLoad(plan, costs), 0);
  const efficiency = longest === 0 ? 1 : total / (fleet * longest);
  return { workers, steps: plans.map((plan) => balanceOf(plan, costs)), efficiency };
}

function shareOf(plans: readonly StepPlan[], rank: number, costs: CostModel): WorkerShare {
  const own = plans.flatMap((plan) => plan.slots.filter((slot) => plan.owners[slot.index] === rank));
  return {
    rank,
    bags: own.length,
    instances: own.reduce((sum, slot) => sum + slot.instances, 0),
    load: own.reduce((sum, slot) => sum + costOf(costs, slot.instances), 0),
  };
}

/** The step lasts as long as its busiest worker. */
function largestLoad(plan: StepPlan, costs: CostModel): number {
  const loads = new Array<number>(plan.workers).fill(0);
  for (const slot of plan.slots) loads[plan.owners[slot.index]] += costOf(costs, slot.instances);
  return Math.max(...loads);
}
