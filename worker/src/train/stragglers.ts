/**
 * Who computes much more slowly than the others on bags of the same cost.
 * In: the measured times of an epoch's steps, by rank, and what the bags cost by the model. Out: a sentence with
 * the numbers for each straggler. All members could say it; rank 0 does.
 */
import { type CostModel, costOf } from '@bagfleet/proto';
import type { AppliedStep } from './train-step.js';

/** A straggler takes at least so many times as long as the others. */
const FACTOR = 2;
/** Below this much measured time, a difference is noise. */
const LEAST_MS = 100;
/** Steps at the beginning that say more about caches and compilers than about the machine. */
const WARM_UP_STEPS = 3;

export interface Straggler {
  readonly rank: number;
  readonly message: string;
}

export function findStragglers(args: {
  readonly outcomes: readonly AppliedStep[];
  readonly members: readonly string[];
  readonly costs: CostModel;
  /** Of a bag, by its index in the manifest. */
  readonly instancesOf: (bag: number) => number;
  readonly epoch: number;
}): Straggler[] {
  const { outcomes, members, costs, instancesOf, epoch } = args;
  const warm = outcomes.slice(Math.min(WARM_UP_STEPS, Math.floor(outcomes.length / 2)));
  const measured = members.map(() => 0);
  const planned = members.map(() => 0);
  for (const { rank, bag, computeMs } of warm.flatMap(({ slots }) => slots)) {
    measured[rank] += computeMs;
    planned[rank] += costOf(costs, instancesOf(bag));
  }
  const pace = members.map((_, rank) => (planned[rank] > 0 ? measured[rank] / planned[rank] : null));
  return members.flatMap((id, rank) => {
    const own = pace[rank];
    const others = median(pace.filter((_, other) => other !== rank));
    if (own === null || others === null || measured[rank] < LEAST_MS || own < FACTOR * others) return [];
    const due = planned[rank] * others;
    const times = `${Math.round(measured[rank])} ms for bags that take the others ${Math.round(due)} ms`;
    return [
      {
        rank,
        message: `${id} computes ${(own / others).toFixed(1)} times as slowly as planned in epoch ${epoch}: ${times}`,
      },
    ];
  });
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known.length === 0 ? null : known[Math.floor((known.length - 1) / 2)];
}
