/**
 * Brings items back to the workers that had them before, where that makes no step longer: by moves, and by exchanges of
 * items of about the same cost.
 * In: the worker of each item, costs, where each item was before. Out: the workers, no load larger than the largest
 * one was, or than half a percent above the mean.
 */
import { dearestFirst, loadsOf } from './longest-first.js';

/** Above the mean load: what bringing home may cost in time. */
const SLACK = 1.005;
/** Beyond that many items the search for an exchange would take long. */
const MOST_ITEMS = 1024;

export function bringHome(args: {
  costs: readonly number[];
  workerOf: readonly number[];
  workers: number;
  before: readonly (number | undefined)[];
}): number[] {
  const { costs, workers, before } = args;
  const workerOf = [...args.workerOf];
  const loads = loadsOf(costs, workerOf, workers);
  const mean = loads.reduce((sum, load) => sum + load, 0) / workers;
  const limit = Math.max(...loads, mean * SLACK);
  const place = (item: number, worker: number): void => {
    loads[workerOf[item]] -= costs[item];
    loads[worker] += costs[item];
    workerOf[item] = worker;
  };
  for (const item of dearestFirst(costs)) {
    const home = before[item];
    if (home === undefined || home >= workers || home === workerOf[item]) continue;
    const away = workerOf[item];
    if (loads[home] + costs[item] <= limit) {
      place(item, home);
      continue;
    }
    if (costs.length > MOST_ITEMS) continue;
    const other = workerOf.findIndex((worker, candidate) => {
      if (worker !== home || before[candidate] === home) return false;
      const moved = costs[item] - costs[candidate];
      return loads[home] + moved <= limit && loads[away] - moved <= limit;
    });
    if (other < 0) continue;
    place(other, away);
    place(item, home);
  }
  return workerOf;
}
