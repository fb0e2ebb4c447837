/** The plan: every slot has one owner, the loads are even, and ties go where the bag was. */
import assert from 'node:assert/strict';
import { balanceOf, costOf, planDigest, planStep, type Slot, slotsOf } from '@bagfleet/proto';
import fc from 'fast-check';

const COSTS = { fixed: 1, perInstance: 0.01 };
const sizes = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 40 });
const workerCounts = fc.integer({ min: 1, max: 9 });

function slotsFrom(instances: readonly number[]): Slot[] {
  return instances.map((count, index) => ({ index, bag: 100 + index, repeat: 0, instances: count }));
}

function plan(instances: readonly number[], workers: number, previous?: ReadonlyMap<number, number>) {
  return planStep({
    epoch: 1,
    step: 0,
    slots: slotsFrom(instances),
    workers,
    costs: COSTS,
    ...(previous ? { previous } : {}),
  });
}

describe('the step plan', () => {
  it('gives each slot to exactly one worker', () => {
    fc.assert(
      fc.property(sizes, workerCounts, (instances, workers) => {
        const made = plan(instances, workers);
        const all = Array.from({ length: workers }, (_, rank) => slotsOf(made, rank)).flat();
        assert.deepEqual(
          all.map(({ index }) => index).sort((a, b) => a - b),
          instances.map((_, i) => i),
        );
      }),
    );
  });

  it('is at most 4/3 - 1/(3N) of the least possible time (Graham 1969), found by trying everything', () => {
    const few = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(few, fc.integer({ min: 1, max: 3 }), (instances, workers) => {
        const made = plan(instances, workers);
        const loads = Array.from({ length: workers }, (_, rank) =>
          slotsOf(made, rank).reduce((sum, slot) => sum + costOf(COSTS, slot.instances), 0),
        );
        const best = leastMakespan(
          instances.map((count) => costOf(COSTS, count)),
          workers,
        );
        assert.ok(Math.max(...loads) <= best * (4 / 3 - 1 / (3 * workers)) + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('breaks ties for the worker that had the bag before', () => {
    const equal = [50, 50, 50];
    const previous = new Map([
      [100, 2],
      [101, 0],
      [102, 1],
    ]);
    assert.deepEqual(plan(equal, 3, previous).owners, [2, 0, 1]);
    assert.deepEqual(plan(equal, 3).owners, [0, 1, 2]);
    assert.deepEqual(plan(equal, 2, previous).owners.length, 3, 'a worker that is gone has no say');
  });

  it('has a digest that changes with any of its facts', () => {
    const base = plan([1, 2, 3], 2);
    const others = [
      plan([1, 2, 4], 2),
      plan([1, 2, 3], 3),
      { ...base, epoch: 2 },
      { ...base, step: 1 },
      { ...base, owners: [0, 0, 0] },
    ];
    assert.equal(planDigest(plan([1, 2, 3], 2)), planDigest(base));
    for (const other of others) assert.notEqual(planDigest(other), planDigest(base));
  });

  it('has balance 1 when all loads are equal and 1/N when one worker has everything', () => {
    assert.equal(balanceOf(plan([10, 10], 2), COSTS), 1);
    assert.equal(balanceOf(plan([10], 4), COSTS), 1 / 4);
  });
});

/** The simple twin: every assignment. */
function leastMakespan(costs: readonly number[], workers: number): number {
  let best = Infinity;
  const place = (index: number, loads: readonly number[]): void => {
    if (index === costs.length) {
      best = Math.min(best, Math.max(...loads));
      return;
    }
    for (let rank = 0; rank < workers; rank++)
      place(
        index + 1,
        loads.map((load, at) => (at === rank ? load + costs[index] : load)),
      );
  };
  place(0, new Array<number>(workers).fill(0));
  return best;
}
