import assert from 'node:assert/strict';
import { bestPromoted, judge } from '@bagfleet/orchestrator/cron/gate-judge';
import { type Comparison, parseGate, usualGate } from '@bagfleet/orchestrator/cron/gate-parse';
import { BagfleetError, METRIC_NAMES, type MetricName, SMALLER_IS_BETTER } from '@bagfleet/proto';
import fc from 'fast-check';
import { DIGEST, madeUpNight, OTHER_DIGEST } from '../../../support/made-up-cron.js';

const amount = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
const metric = fc.constantFrom(...METRIC_NAMES);

const comparison: fc.Arbitrary<Comparison> = fc
  .record({
    metric,
    strict: fc.boolean(),
    reference: fc.constantFrom('production' as const, 'best' as const, null),
    minus: fc.boolean(),
    amount,
  })
  .map(({ metric, strict, reference, minus, amount }) => ({
    metric,
    operator: SMALLER_IS_BETTER.includes(metric) ? (strict ? '<' : '<=') : strict ? '>' : '>=',
    reference,
    offset: minus && amount > 0 ? -amount : amount,
  }));

function written({ metric, operator, reference, offset }: Comparison, space: string): string {
  const sign = offset < 0 ? '-' : '+';
  const amount = `${space}${sign}${space}${Math.abs(offset)}`;
  const right = reference === null ? String(offset) : offset === 0 ? reference : `${reference}${amount}`;
  return `${metric}${space}${operator}${space}${right}`;
}

const values = fc.dictionary(metric, fc.option(amount, { nil: null })) as fc.Arbitrary<
  Partial<Record<MetricName, number | null>>
>;

/** What a gate means, said in another way: the right side as a number, `undefined` if there is nothing there. */
function holdsByTwin(
  { metric, operator, reference, offset }: Comparison,
  candidate: Partial<Record<MetricName, number | null>>,
  production: Partial<Record<MetricName, number | null>> | null,
  best: Partial<Record<MetricName, number | null>>,
): boolean {
  const left = candidate[metric];
  if (left === null || left === undefined) return false;
  const from = reference === 'production' ? production?.[metric] : reference === 'best' ? best[metric] : 0;
  if (from === null || from === undefined) return true;
  const gap = left - (from + offset);
  return operator === '>=' ? gap >= 0 : operator === '>' ? gap > 0 : operator === '<=' ? gap <= 0 : gap < 0;
}

describe('the gate', () => {
  it('is read as it is written, with or without spaces', () => {
    fc.assert(
      fc.property(
        fc.array(comparison, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('', ' ', '  '),
        (gate, space) => {
          const text = gate.map((part) => written(part, space)).join(' and ');
          assert.deepEqual(parseGate(text), gate);
        },
      ),
    );
  });

  it('decides as its twin does', () => {
    fc.assert(
      fc.property(
        fc.array(comparison, { minLength: 1, maxLength: 4 }),
        values,
        fc.option(values, { nil: null }),
        values,
        (gate, candidate, production, best) => {
          const { holds, why } = judge(gate, { candidate, production, best: (name) => best[name] ?? null });
          const parts = gate.map((part) => holdsByTwin(part, candidate, production, best));
          assert.equal(holds, parts.every(Boolean));
          assert.equal(why.length, gate.length);
        },
      ),
    );
  });

  for (const [text, position, message] of [
    ['', 1, /it ends where a metric should stand/],
    ['auk >= production', 1, /"auk" stands where a metric .* should; did you mean auc/],
    ['auc => production', 5, /"=" is not understood/],
    ['auc >= producton', 8, /did you mean production/],
    ['auc >= production - best', 21, /"best" stands where a number should/],
    ['auc >= production -', 20, /it ends where a number should stand/],
    ['auc >= 0.8 or f1 >= 0.5', 12, /"or" stands where and should/],
    ['auc <= production', 5, /more auc is better/],
    ['auc >= 0.8 and loss >= 1', 21, /less loss is better/],
    ['auc >= 90', 8, /a number up to 1/],
    ['auc >= 0.8 and', 15, /it ends where a metric/],
    ['   auc %', 8, /"%" is not understood/],
  ] as const)
    it(`names the position of what is wrong in ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseGate(text),
        (thrown) => {
          assert.ok(thrown instanceof BagfleetError);
          assert.equal(thrown.code, 'usage');
          assert.match(thrown.message, message);
          assert.match(thrown.message, new RegExp(`^at position ${position},`));
          return true;
        },
      );
    });

  it('usually keeps a model from falling night by night', () => {
    const gate = parseGate(usualGate('auc', 0.01));
    const against = (candidate: number, production: number | null, best: number | null) =>
      judge(gate, {
        candidate: { auc: candidate },
        production: production === null ? null : { auc: production },
        best: () => best,
      }).holds;
    assert.equal(against(0.7, null, null), true, 'the first model has nothing to fall behind');
    assert.equal(against(0.9, 0.9, 0.9), true);
    assert.equal(against(0.899, 0.9, 0.9), false);
    assert.equal(against(0.9, 0.89, 0.905), true, 'within the margin of the best');
    assert.equal(against(0.89, 0.88, 0.905), false, 'no worse than production, but it creeps down');
  });

  it('turns round for metrics of which less is better', () => {
    assert.equal(usualGate('loss', 0.02), 'loss <= production and loss <= best + 0.02');
    const gate = parseGate(usualGate('loss', 0.02));
    const judged = (loss: number) =>
      judge(gate, { candidate: { loss }, production: { loss: 0.5 }, best: () => 0.4 }).holds;
    assert.deepEqual([judged(0.42), judged(0.43), judged(0.6)], [true, false, false]);
  });

  it('says with numbers what decided', () => {
    const measured = { candidate: { auc: 0.9012345 }, production: { auc: 0.91 }, best: () => null };
    const { why } = judge(parseGate('auc >= production - 0.005 and auc >= best and f1 >= 0.5'), measured);
    assert.deepEqual(why, [
      'auc 0.901235 is not >= production 0.91 - 0.005',
      'auc 0.901235: nothing has been promoted on this hold-out yet',
      'f1 is undefined on the hold-out: no bag is positive and none was called positive',
    ]);
  });

  it('takes as best only what was promoted on the same hold-out', () => {
    const night = (outcome: 'promoted' | 'refused', holdOut: string, auc: number) =>
      madeUpNight('2026-11-02T02:00:00.000Z', {
        outcome,
        holdOut,
        candidate: { run: 'r', step: 1, manifestSha256: DIGEST, metrics: { auc, loss: auc } },
      });
    const nights = [
      night('promoted', DIGEST, 0.7),
      night('promoted', DIGEST, 0.8),
      night('promoted', DIGEST, 0.75),
      night('refused', DIGEST, 0.9),
      night('promoted', OTHER_DIGEST, 0.95),
    ];
    assert.equal(bestPromoted(nights, DIGEST)('auc'), 0.8);
    assert.equal(bestPromoted(nights, DIGEST)('loss'), 0.7);
    assert.equal(bestPromoted(nights, DIGEST)('f1'), null);
    assert.equal(bestPromoted([], DIGEST)('auc'), null);
  });
});
