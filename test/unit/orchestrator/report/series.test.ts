/** Lines are thinned and smoothed without losing what they show. */
import assert from 'node:assert/strict';
import { quantile, smooth, smoothingWidth, thin } from '@bagfleet/orchestrator/report/series';
import type { Point } from '@bagfleet/orchestrator/report/svg';
import fc from 'fast-check';

const points = fc
  .array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 300 })
  .map((values) => values.map((y, x): Point => [x, y]));

describe('series', () => {
  it('smoothing is the mean of the window', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 0, max: 20 }), (series, half) => {
        smooth(series, 2 * half + 1).forEach(([x, y], i) => {
          const window = series.slice(Math.max(0, i - half), i + half + 1).map((point) => point[1]);
          assert.equal(x, series[i][0]);
          assert.ok(Math.abs(y - window.reduce((sum, at) => sum + at, 0) / window.length) < 1e-9);
        });
      }),
    );
  });

  it('windows are odd; a short run is not smoothed', () => {
    assert.equal(smoothingWidth(20), 1);
    assert.equal(smoothingWidth(750), 27);
    for (let count = 0; count < 2000; count += 7) assert.equal(smoothingWidth(count) % 2, 1);
  });

  it('thinning keeps order, ends of the range, and never makes points', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 50 }), (series, columns) => {
        const kept = thin(series, columns);
        assert.ok(kept.length <= Math.max(2 * columns, 1));
        assert.ok(kept.every((point) => series.includes(point)));
        assert.ok(kept.every((point, i) => i === 0 || point[0] >= kept[i - 1][0]));
        const [all, left] = [series, kept].map((list) => list.map((point) => point[1]));
        assert.equal(Math.min(...left), Math.min(...all));
        assert.equal(Math.max(...left), Math.max(...all));
      }),
    );
  });

  it('quantiles', () => {
    assert.equal(quantile([], 0.5), 0);
    assert.equal(quantile([3, 1, 2], 0), 1);
    assert.equal(quantile([3, 1, 2], 0.5), 2);
    assert.equal(quantile([3, 1, 2], 1), 3);
  });
});
