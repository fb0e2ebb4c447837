import assert from 'node:assert/strict';
import { parseGate } from '@bagfleet/orchestrator/cron/gate-parse';
import { precisionWords } from '@bagfleet/orchestrator/cron/gate-precision';
import { precisionOf, tooSmallFor } from '@bagfleet/orchestrator/cron/standard-error';
import { CounterRng } from '@bagfleet/proto';
import { auc } from '@bagfleet/worker/metrics/ranking';
import { scoreTable } from '@bagfleet/worker/metrics/score-table';

describe('the precision of a hold-out', () => {
  /** Scores from exponential distributions, for which the formula is exact. */
  for (const [area, positives, negatives] of [
    [0.75, 10, 20],
    [0.9, 25, 10],
  ] as const)
    it(`is how much an auc of ${area} varies over ${positives} and ${negatives} drawn bags`, () => {
      const rate = 1 / area - 1; // P(positive > negative) = 1 / (1 + rate)
      const rng = (trial: number) => new CounterRng(7, ['auc', area, trial]).uniform(positives + negatives);
      const areas = Array.from({ length: 4000 }, (_, trial) => {
        const drawn = [...rng(trial)].map((value, place) => {
          const label = place < positives ? 1 : 0;
          const score = -Math.log(1 - value) / (label === 1 ? rate : 1);
          return { label, probability: score / (1 + score) };
        });
        return auc(scoreTable(drawn as never)) as number;
      });
      const mean = areas.reduce((sum, value) => sum + value, 0) / areas.length;
      const spread = Math.sqrt(areas.reduce((sum, value) => sum + (value - mean) ** 2, 0) / areas.length);
      const { error } = precisionOf('auc', area, { positives, negatives }) ?? { error: 0 };
      assert.ok(Math.abs(mean - area) < 0.01, `mean ${mean}`);
      assert.ok(Math.abs(error / spread - 1) < 0.05, `formula ${error}, drawn ${spread}`);
    });

  it('is never a number that is none', () => {
    for (const value of [0, 0.5, 1])
      for (const size of [1, 2, 500])
        for (const metric of ['auc', 'accuracy', 'sensitivity', 'specificity'] as const) {
          const found = precisionOf(metric, value, { positives: size, negatives: 3 });
          assert.ok(found && found.error >= 0 && found.step > 0, `${metric} ${value} ${size}`);
        }
    assert.equal(precisionOf('auc', 0.9, { positives: 0, negatives: 9 }), null);
    assert.equal(precisionOf('kappa', 0.9, { positives: 9, negatives: 9 }), null);
  });

  it('is said when a margin is smaller', () => {
    const small = { positives: 3, negatives: 4 };
    assert.match(
      tooSmallFor(0.01, 'auc', 0.9, small) ?? '',
      /^the hold-out is too small for a margin of 0\.01: on 3 positive and 4 negative bags the standard error of auc 0\.9 is 0\.1\d+$/,
    );
    assert.match(tooSmallFor(0.01, 'auc', 1, small) ?? '', /auc moves in steps of 0\.0833$/);
    assert.equal(tooSmallFor(0.5, 'auc', 0.9, small), null);
    assert.equal(tooSmallFor(0.02, 'auc', 0.95, { positives: 1000, negatives: 1000 }), null);
    assert.equal(tooSmallFor(0, 'f1', 0.9, small), null);
  });
});

describe("a gate's differences", () => {
  const size = { positives: 3, negatives: 3 };
  const said = (gate: string) => precisionWords(parseGate(gate), size, () => 0.9);

  it('are each compared with what the hold-out can tell, the smallest of a metric', () => {
    const [auc, accuracy, ...more] = said(
      'auc >= production - 0.05 and auc >= best - 0.01 and accuracy >= best - 0.02',
    );
    assert.match(auc, /margin of 0\.01: .*error of auc/);
    assert.match(accuracy, /margin of 0\.02: .*accuracy/);
    assert.deepEqual(more, []);
  });

  it('are none where the gate asks for none, or is about more than two classes', () => {
    assert.deepEqual(said('auc >= production and auc >= 0.8'), []);
    assert.deepEqual(said('auc >= best - 0.9'), []);
    assert.deepEqual(
      precisionWords(parseGate('auc >= best - 0.01'), null, () => 0.9),
      [],
    );
    assert.deepEqual(
      precisionWords(parseGate('auc >= best - 0.01'), size, () => null),
      [],
    );
  });
});
