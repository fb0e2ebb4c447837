/**
 * Items into groups of about equal cost: longest processing time first (Graham 1969, "Bounds on Multiprocessing Timing
 * Anomalies"): the dearest item goes to the group that has the least so far.
 * In: a cost per item, the number of groups. Out: the group of each item; ties go to the lowest group.
 */
export function longestFirst(costs: readonly number[], groups: number): number[] {
  const groupOf = new Array<number>(costs.length).fill(0);
  const loads = new Array<number>(groups).fill(0);
  for (const item of dearestFirst(costs)) {
    let least = 0;
    for (let group = 1; group < groups; group++) if (loads[group] < loads[least]) least = group;
    groupOf[item] = least;
    loads[least] += costs[item];
  }
  return groupOf;
}

/** Items by falling cost, the first of equal ones first. */
export function dearestFirst(costs: readonly number[]): number[] {
  return costs.map((_, item) => item).sort((a, b) => costs[b] - costs[a] || a - b);
}

/** What the items of each group cost together. */
export function loadsOf(costs: readonly number[], groupOf: readonly number[], groups: number): number[] {
  const loads = new Array<number>(groups).fill(0);
  for (const [item, group] of groupOf.entries()) loads[group] += costs[item];
  return loads;
}
