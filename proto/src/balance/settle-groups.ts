/**
 * Which worker takes which group: the one that had most of it before, so that bags are found in caches.
 * In: groups, costs, where each item was before (undefined: nowhere, or with a worker that is gone). Out: the worker of
 * each item. Groups that nobody had go to the workers that are left, beginning with another one each time (`turn`):
 * a step of a single slot is not always the first worker's.
 */
export function settleGroups(args: {
  costs: readonly number[];
  groupOf: readonly number[];
  groups: number;
  before: readonly (number | undefined)[];
  turn: number;
}): number[] {
  const { groupOf, groups, turn } = args;
  const workerOf = new Array<number | undefined>(groups).fill(undefined);
  const isTaken = new Array<boolean>(groups).fill(false);
  for (const { group, worker } of claimsOf(args)) {
    if (workerOf[group] !== undefined || isTaken[worker]) continue;
    workerOf[group] = worker;
    isTaken[worker] = true;
  }
  const free = Array.from({ length: groups }, (_, place) => (place + turn) % groups).filter(
    (worker) => !isTaken[worker],
  );
  const settled = workerOf.map((worker) => worker ?? (free.shift() as number));
  return groupOf.map((group) => settled[group]);
}

interface Claim {
  readonly group: number;
  readonly worker: number;
  /** Cost of the items of the group that the worker had. */
  readonly had: number;
}

/** The largest first. */
function claimsOf({ costs, groupOf, groups, before }: Parameters<typeof settleGroups>[0]): Claim[] {
  const had = new Map<number, number>();
  for (const [item, worker] of before.entries())
    if (worker !== undefined && worker < groups) {
      const pair = groupOf[item] * groups + worker;
      had.set(pair, (had.get(pair) ?? 0) + costs[item]);
    }
  return [...had]
    .map(([pair, cost]) => ({ group: Math.floor(pair / groups), worker: pair % groups, had: cost }))
    .sort((a, b) => b.had - a.had || a.group - b.group || a.worker - b.worker);
}
