/** Axes have round, evenly spaced ticks that hold the data, and labels that say them exactly. */
import assert from 'node:assert/strict';
import { niceAxis, ticksWithin, unitSuffix } from '@bagfleet/orchestrator/report/nice-ticks';
import fc from 'fast-check';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-9 ? 0 : x));
const range = fc.tuple(value, value).map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]));
const count = fc.integer({ min: 2, max: 10 });

describe('nice ticks', () => {
  it('of ranges that people know', () => {
    assert.deepEqual(niceAxis(0, 0.73, 5).labels, ['0.0', '0.2', '0.4', '0.6', '0.8']);
    assert.deepEqual(niceAxis(0, 5e-4, 5).labels, ['0', '1', '2', '3', '4', '5']);
    assert.equal(unitSuffix(niceAxis(0, 5e-4, 5).unit), ' ×10⁻⁴');
    assert.deepEqual(ticksWithin(0, 30, 6, true).labels, ['0', '5', '10', '15', '20', '25', '30']);
    assert.deepEqual(ticksWithin(0, 1, 6, true).labels, ['0', '1']);
    assert.deepEqual(ticksWithin(0, 3, 6, true).labels, ['0', '1', '2', '3']);
  });

  it('a single value gets room on both sides', () => {
    for (const axis of [niceAxis(0, 0, 5), niceAxis(7, 7, 5), ticksWithin(-2, -2, 5)])
      assert.ok(axis.low < axis.high);
  });

  it('hold the range, are evenly spaced and not too many', () => {
    fc.assert(
      fc.property(range, count, ([low, high], steps) => {
        fc.pre(high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)));
        const axis = niceAxis(low, high, steps);
        const step = axis.ticks[1] - axis.ticks[0];
        const slack = 1e-6 * step;
        assert.ok(axis.low <= low + slack && axis.high >= high - slack);
        assert.ok(low - axis.low <= step + slack && axis.high - high <= step + slack);
        assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= steps + 2);
        axis.ticks.forEach((tick, i) => {
          assert.ok(Math.abs(tick - axis.low - i * step) <= slack);
        });
        const digits = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
        assert.ok(
          [1, 2, 2.5, 5, 10].some((nice) => Math.abs(digits - nice) < 1e-3),
          `step ${step}`,
        );
      }),
    );
  });

  it('within a range stay within it', () => {
    fc.assert(
      fc.property(range, count, fc.boolean(), ([low, high], steps, whole) => {
        fc.pre(high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)));
        const axis = ticksWithin(low, high, steps, whole);
        const slack = 1e-6 * (high - low);
        assert.ok(axis.low === low && axis.high === high);
        assert.ok(axis.ticks.every((tick) => tick >= low - slack && tick <= high + slack));
        if (whole) assert.ok(axis.ticks.every(Number.isInteger));
      }),
    );
  });

  it('labels read back as their ticks', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), count, (high, steps) => {
        const axis = niceAxis(0, high, steps);
        axis.labels.forEach((label, i) => {
          assert.ok(
            Math.abs(Number(label) * axis.unit - axis.ticks[i]) <= 1e-9 * axis.high,
            `${label} for ${axis.ticks[i]}`,
          );
        });
        assert.equal(new Set(axis.labels).size, axis.labels.length);
      }),
    );
  });
});
