/** Best and early stop are decided by the values alone, in their order. */
import assert from 'node:assert/strict';
import { METRIC_NAMES, type MetricName, SMALLER_IS_BETTER } from '@bagfleet/proto';
import { afterValidation, better, NOTHING_YET, verdictOf } from '@bagfleet/worker/metrics/best-so-far';
import fc from 'fast-check';

const auc = { metric: 'auc' as MetricName, earlyStop: { patience: 2, minDelta: 0.01 } };
const history = (...values: (number | null)[]) => values.map((value, i) => ({ epoch: i + 1, value }));
const values = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 20 }).map((n) => n / 20),
    fc.constant(null),
  ),
  { minLength: 1, maxLength: 25 },
);

describe('best so far', () => {
  it('less is better for losses, more for the rest, any value is better than none', () => {
    assert.ok(better('auc', 0.8, 0.7) && !better('auc', 0.7, 0.8) && !better('auc', 0.7, 0.7));
    assert.ok(better('logLoss', 0.7, 0.8) && better('brier', 0.1, 0.2) && better('loss', 0, 1));
    assert.ok(better('auc', 0, null) && !better('auc', null, 0) && !better('auc', null, null));
  });

  it('says why', () => {
    const reasons: string[] = [];
    let best = NOTHING_YET;
    for (const at of history(0.9, null, 0.95, 0.94, 0.951)) {
      const verdict = afterValidation(best, at, auc);
      reasons.push(verdict.reason);
      best = verdict.best;
    }
    assert.deepEqual(reasons, [
      'auc 0.9000, the first best',
      'auc is undefined: it needs bags of both classes, best stays 0.9000 of epoch 1',
      'auc 0.9500, better than 0.9000 of epoch 1',
      'auc 0.9400, best stays 0.9500 of epoch 3',
      'auc 0.9510, better than 0.9500 of epoch 3; stopping early after 2 validations without enough gain',
    ]);
  });

  it('a gain of minDelta or less moves best, not patience', () => {
    const verdict = verdictOf(history(0.9, 0.905, 0.909), auc);
    assert.deepEqual(verdict?.best, { bestMetric: 0.909, bestEpoch: 3, validationsWithoutGain: 2 });
    assert.ok(verdict?.isBest && verdict.stop);
  });

  it('nothing decided without values; without earlyStop it never stops', () => {
    assert.equal(verdictOf([], auc), null);
    const never = verdictOf(history(null, null, null, null), { metric: 'auc', earlyStop: null });
    assert.deepEqual(never?.best, { bestMetric: null, bestEpoch: null, validationsWithoutGain: 4 });
    assert.equal(never?.stop, false);
  });

  it('is the first of the extreme values of any history', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...METRIC_NAMES), (drawn, metric) => {
        const verdict = verdictOf(history(...drawn), { metric, earlyStop: null });
        const numbers = drawn.filter((value) => value !== null);
        const extreme =
          numbers.length === 0
            ? null
            : SMALLER_IS_BETTER.includes(metric)
              ? Math.min(...numbers)
              : Math.max(...numbers);
        assert.equal(verdict?.best.bestMetric, extreme);
        assert.equal(verdict?.best.bestEpoch, extreme === null ? null : drawn.indexOf(extreme) + 1);
        if (extreme !== null)
          assert.equal(verdict?.best.validationsWithoutGain, drawn.length - 1 - drawn.indexOf(extreme));
      }),
    );
  });

  it('goes on alike after a resume at any point', () => {
    fc.assert(
      fc.property(values, fc.nat(), (drawn, at) => {
        const all = history(...drawn);
        const cut = at % all.length;
        const kept = verdictOf(all.slice(0, cut), auc)?.best ?? NOTHING_YET;
        const resumed = all
          .slice(cut)
          .reduce(
            (best, next) => afterValidation(best, next, auc).best,
            JSON.parse(JSON.stringify(kept)) as typeof kept,
          );
        assert.deepEqual(resumed, verdictOf(all, auc)?.best);
      }),
    );
  });
});
