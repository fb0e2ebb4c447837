/**
 * Makes groups more even: as long as it helps, an item of the dearest group moves to another one, or changes places with
 * one there. What longest-first leaves uneven by some percent, this brings near what whole items allow.
 * In: costs and groups. Out: better groups, the same ones on every machine.
 */
import { loadsOf } from './longest-first.js';

/** Beyond that many items, longest-first is even within a fraction of a percent, and the search would take long. */
const MOST_ITEMS = 256;
const MOST_ROUNDS = 500;
/** Gains below this share of the largest load are not worth a round. */
const LEAST_GAIN = 1e-6;

interface Change {
  readonly item: number;
  /** Changes places with it; null for a move. */
  readonly other: number | null;
  readonly to: number;
  /** The larger of the two loads afterwards. */
  readonly larger: number;
}

export function refineGroups(costs: readonly number[], groupOf: readonly number[], groups: number): number[] {
  const refined = [...groupOf];
  if (costs.length > MOST_ITEMS || groups < 2) return refined;
  const loads = loadsOf(costs, refined, groups);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const from = loads.indexOf(Math.max(...loads));
    const change = bestChange(costs, refined, loads, from);
    if (change === null || change.larger > loads[from] * (1 - LEAST_GAIN)) break;
    const moved = costs[change.item] - (change.other === null ? 0 : costs[change.other]);
    loads[from] -= moved;
    loads[change.to] += moved;
    refined[change.item] = change.to;
    if (change.other !== null) refined[change.other] = from;
  }
  return refined;
}

/** The change that leaves the larger of the two groups smallest. */
function bestChange(
  costs: readonly number[],
  groupOf: readonly number[],
  loads: readonly number[],
  from: number,
): Change | null {
  let best: Change | null = null;
  const consider = (item: number, other: number | null, to: number): void => {
    const moved = costs[item] - (other === null ? 0 : costs[other]);
    const larger = Math.max(loads[from] - moved, loads[to] + moved);
    if (best === null || larger < best.larger) best = { item, other, to, larger };
  };
  for (const [item, group] of groupOf.entries()) {
    if (group !== from) continue;
    for (let to = 0; to < loads.length; to++) if (to !== from) consider(item, null, to);
    for (const [other, to] of groupOf.entries())
      if (to !== from && costs[other] < costs[item]) consider(item, other, to);
  }
  return best;
}
