/** Spreading items over groups, and giving groups to workers, beside simple twins. */
import assert from 'node:assert/strict';
import { bringHome } from '@bagfleet/proto/balance/bring-home';
import { loadsOf, longestFirst } from '@bagfleet/proto/balance/longest-first';
import { refineGroups } from '@bagfleet/proto/balance/refine-groups';
import { settleGroups } from '@bagfleet/proto/balance/settle-groups';
import fc from 'fast-check';

const someCosts = fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 30 });
const someGroups = fc.integer({ min: 1, max: 6 });
const someBefore = (length: number) =>
  fc.array(fc.option(fc.nat(7), { nil: undefined }), { minLength: length, maxLength: length });
const largest = (costs: readonly number[], groupOf: readonly number[], groups: number) =>
  Math.max(...loadsOf(costs, groupOf, groups));

describe('groups that are refined', () => {
  it('are never worse than before, and no single move or exchange makes them better', () => {
    fc.assert(
      fc.property(someCosts, someGroups, (costs, groups) => {
        const first = longestFirst(costs, groups);
        const refined = refineGroups(costs, first, groups);
        assert.ok(largest(costs, refined, groups) <= largest(costs, first, groups) * (1 + 1e-9));
        assertNoChangeHelps(costs, refined, groups);
      }),
      { numRuns: 300 },
    );
  });

  it('are within 2 % of the best that there is, on average, found by trying everything', () => {
    let excess = 0;
    let runs = 0;
    const few = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(few, fc.integer({ min: 2, max: 3 }), (costs, groups) => {
        const refined = refineGroups(costs, longestFirst(costs, groups), groups);
        excess += largest(costs, refined, groups) / leastPossible(costs, groups) - 1;
        runs++;
      }),
      { numRuns: 100, seed: 4 },
    );
    assert.ok(excess / runs < 0.02, String(excess / runs));
  });
});

describe('groups that are given to workers', () => {
  it('stay whole, each with a worker of its own', () => {
    const input = someCosts.chain((costs) =>
      fc.tuple(fc.constant(costs), someBefore(costs.length), someGroups, fc.nat(9)),
    );
    fc.assert(
      fc.property(input, ([costs, before, groups, turn]) => {
        const groupOf = longestFirst(costs, groups);
        const workerOf = settleGroups({ costs, groupOf, groups, before, turn });
        const pairs = new Set(groupOf.map((group, item) => `${group}:${workerOf[item]}`));
        assert.equal(pairs.size, new Set(groupOf).size, 'one worker per group');
        assert.equal(new Set(workerOf).size, new Set(groupOf).size, 'one group per worker');
      }),
    );
  });

  it('take turns where nobody had anything', () => {
    const one = (turn: number) =>
      settleGroups({ costs: [5], groupOf: [0], groups: 3, before: [undefined], turn });
    assert.deepEqual([0, 1, 2, 3].map(one), [[0], [1], [2], [0]]);
  });

  it('go to those who had most of them', () => {
    const given = { costs: [5, 1, 3, 3], groupOf: [0, 0, 1, 1], groups: 2, before: [1, 0, 1, 0], turn: 0 };
    assert.deepEqual(settleGroups(given), [1, 1, 0, 0]);
  });
});

describe('items that are brought home', () => {
  const input = someCosts.chain((costs) =>
    fc.tuple(fc.constant(costs), someBefore(costs.length), someGroups),
  );

  it('make no step longer, beyond half a percent of the mean', () => {
    fc.assert(
      fc.property(input, ([costs, before, workers]) => {
        const workerOf = longestFirst(costs, workers);
        const home = bringHome({ costs, workerOf, workers, before });
        const mean = costs.reduce((sum, cost) => sum + cost, 0) / workers;
        const limit = Math.max(largest(costs, workerOf, workers), mean * 1.005);
        assert.ok(largest(costs, home, workers) <= limit * (1 + 1e-9));
        const atHome = (of: readonly number[]) => of.filter((worker, item) => worker === before[item]).length;
        assert.ok(atHome(home) >= atHome(workerOf));
      }),
      { numRuns: 300 },
    );
  });

  it('all come home where all cost the same', () => {
    const before = [2, 2, 0, 1, 0, 1];
    const workerOf = [0, 1, 2, 0, 1, 2];
    assert.deepEqual(bringHome({ costs: [1, 1, 1, 1, 1, 1], workerOf, workers: 3, before }), before);
  });
});

function assertNoChangeHelps(costs: readonly number[], groupOf: readonly number[], groups: number): void {
  const loads = loadsOf(costs, groupOf, groups);
  const from = loads.indexOf(Math.max(...loads));
  const helps = (moved: number, to: number) =>
    Math.max(loads[from] - moved, loads[to] + moved) < loads[from] * (1 - 1e-5);
  for (const [item, group] of groupOf.entries())
    if (group === from)
      for (let to = 0; to < groups; to++)
        if (to !== from) {
          assert.ok(!helps(costs[item], to), 'a move');
          for (const [other, at] of groupOf.entries())
            if (at === to) assert.ok(!helps(costs[item] - costs[other], to), 'an exchange');
        }
}

function leastPossible(costs: readonly number[], groups: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let code = 0; code < groups ** costs.length; code++) {
    const groupOf = costs.map((_, item) => Math.floor(code / groups ** item) % groups);
    best = Math.min(best, largest(costs, groupOf, groups));
  }
  return best;
}
