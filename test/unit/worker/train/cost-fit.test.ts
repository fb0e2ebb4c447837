/** What bags cost, from what they took. */
import assert from 'node:assert/strict';
import { fitCosts } from '@bagfleet/worker/train/cost-fit';
import fc from 'fast-check';

const FALLBACK = { fixed: 1, perInstance: 0.01 };

describe('fitCosts', () => {
  it('finds the line that the times lie on', () => {
    const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 50_000 }), {
      minLength: 2,
      maxLength: 50,
      size: 'max',
    });
    const coefficient = fc.double({ min: 0.001, max: 10, noNaN: true });
    fc.assert(
      fc.property(sizes, coefficient, coefficient, (instances, fixed, perInstance) => {
        const measured = instances.map((count) => ({
          instances: count,
          milliseconds: fixed + perInstance * count,
        }));
        const fitted = fitCosts(measured, FALLBACK);
        const largest = Math.max(...measured.map(({ milliseconds }) => milliseconds));
        for (const { instances: count, milliseconds } of measured)
          assert.ok(Math.abs(fitted.fixed + fitted.perInstance * count - milliseconds) < 1e-6 * largest);
      }),
    );
  });

  it('is not led astray by a few bags that took long for no reason of theirs', () => {
    const measured = Array.from({ length: 120 }, (_, i) => ({
      instances: 100 + 37 * i,
      milliseconds: i % 10 === 3 ? 5000 : 2 + 0.01 * (100 + 37 * i),
    }));
    const { fixed, perInstance } = fitCosts(measured, FALLBACK);
    assert.ok(Math.abs(perInstance - 0.01) < 0.001, String(perInstance));
    assert.ok(Math.abs(fixed - 2) < 2, String(fixed));
  });

  it('never gives a negative cost, whatever was measured', () => {
    const bag = fc.record({
      instances: fc.integer({ min: 1, max: 100_000 }),
      milliseconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(bag, { maxLength: 30 }), (measured) => {
        const { fixed, perInstance } = fitCosts(measured, FALLBACK);
        assert.ok(fixed >= 0 && perInstance >= 0 && fixed + perInstance > 0);
      }),
    );
  });

  it('keeps the fallback where nothing can be learned', () => {
    assert.deepEqual(fitCosts([], FALLBACK), FALLBACK);
    assert.deepEqual(fitCosts([{ instances: 5, milliseconds: 3 }], FALLBACK), FALLBACK);
    const nothing = { instances: 5, milliseconds: 0 };
    assert.deepEqual(fitCosts([nothing, nothing], FALLBACK), FALLBACK);
  });
});
