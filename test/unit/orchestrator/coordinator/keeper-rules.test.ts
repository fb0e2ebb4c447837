/** When a coordinator is started again. */
import assert from 'node:assert/strict';
import { afterDeath, needsSuccessor } from '@bagfleet/orchestrator/keeper/keeper-rules';

describe('the rules of the keeper', () => {
  it('starts again at once, then after 1, 2, 4 … 30 s, at most 20 times', () => {
    const waits: number[] = [];
    let deaths = 0;
    for (;;) {
      const next = afterDeath(deaths, 100);
      if (next.kind === 'give-up') break;
      waits.push(next.waitMs / 1000);
      deaths = next.deaths;
    }
    assert.deepEqual(waits.slice(0, 8), [0, 1, 2, 4, 8, 16, 30, 30]);
    assert.equal(waits.length, 20);
  });

  it('counts anew after a minute of life', () => {
    assert.deepEqual(afterDeath(19, 60_000), { kind: 'restart', deaths: 1, waitMs: 0 });
    assert.deepEqual(afterDeath(3, 59_999), { kind: 'restart', deaths: 4, waitMs: 4000 });
  });

  it('sets a successor beside one that is silent for a term, but lets one that starts take its time', () => {
    assert.ok(!needsSuccessor({ startedAt: 0, heardAt: 500 }, 1500, 1000));
    assert.ok(needsSuccessor({ startedAt: 0, heardAt: 500 }, 1501, 1000));
    assert.ok(!needsSuccessor({ startedAt: 0, heardAt: null }, 20_000, 1000));
    assert.ok(needsSuccessor({ startedAt: 0, heardAt: null }, 30_001, 1000));
  });
});
