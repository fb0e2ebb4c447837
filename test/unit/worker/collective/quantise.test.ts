import assert from 'node:assert/strict';
import { NEUTRAL_EXPONENT } from '@bagfleet/worker/collective/block-exponent';
import { dequantise } from '@bagfleet/worker/collective/dequantise';
import { addQuantised } from '@bagfleet/worker/collective/quantise';
import { BLOCK } from '@bagfleet/worker/train/parameter-layout';
import fc from 'fast-check';
import { twinDequantised, twinExponent, twinQuantised } from './exact-twin.js';
import { gradientBlock, slotCount } from './gradient-arbitrary.js';

describe('quantising', () => {
  it('rounds the exact product half to even, as integers of any size say', () => {
    fc.assert(
      fc.property(gradientBlock, slotCount, (block, slots) => {
        const e = twinExponent(block, slots);
        const sum = new Int32Array(BLOCK);
        addQuantised(sum, block, Int8Array.of(e));
        assert.deepEqual(
          Array.from(sum, BigInt),
          Array.from(block, (value) => twinQuantised(value, e)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('takes ties to even on both sides of zero', () => {
    const gradient = new Float32Array(BLOCK);
    gradient.set([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.75, -0.75, -0]);
    const sum = new Int32Array(BLOCK);
    addQuantised(sum, gradient, Int8Array.of(0));
    assert.deepEqual([...sum.subarray(0, 9)], [0, 2, 2, 0, -2, -2, 1, -1, 0]);
  });

  it('adds to what is there and leaves neutral blocks alone', () => {
    const gradient = new Float32Array(2 * BLOCK).fill(3);
    const sum = new Int32Array(2 * BLOCK).fill(10);
    addQuantised(sum, gradient, Int8Array.of(1, NEUTRAL_EXPONENT));
    assert.deepEqual([sum[0], sum[BLOCK - 1], sum[BLOCK], sum[2 * BLOCK - 1]], [16, 16, 10, 10]);
  });

  it('refuses lengths that do not fit', () => {
    assert.throws(() => addQuantised(new Int32Array(BLOCK), new Float32Array(2 * BLOCK), new Int8Array(2)), {
      code: 'bug',
    });
    assert.throws(() => addQuantised(new Int32Array(BLOCK), new Float32Array(BLOCK), new Int8Array(2)), {
      code: 'bug',
    });
  });
});

describe('dequantising', () => {
  const weights = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(0.1, 1 / 3, 2.5, 1000.125));

  it('is sum·2^-e / W, rounded to float64 and then to float32, as integers of any size say', () => {
    const sums = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sums, fc.integer({ min: -97, max: 126 }), weights, (values, e, weight) => {
        const exactWeight = Math.round(weight * 2 ** 12) / 2 ** 12;
        const sum = Int32Array.from({ length: BLOCK }, (_, i) => values[i % values.length]);
        const out = new Float32Array(BLOCK);
        dequantise(out, sum, Int8Array.of(e), exactWeight);
        assert.deepEqual(
          [...out],
          Array.from(sum, (value) => twinDequantised(value, e, exactWeight)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('gives zero for a neutral block', () => {
    const out = new Float32Array(BLOCK).fill(1);
    dequantise(out, new Int32Array(BLOCK), Int8Array.of(NEUTRAL_EXPONENT), 3);
    assert.deepEqual([...out], new Array(BLOCK).fill(0));
  });

  it('refuses weights that no average can have, and lengths that do not fit', () => {
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(
        () => dequantise(new Float32Array(BLOCK), new Int32Array(BLOCK), new Int8Array(1), weight),
        { code: 'bug' },
      );
    assert.throws(() => dequantise(new Float32Array(BLOCK), new Int32Array(2 * BLOCK), new Int8Array(2), 1), {
      code: 'bug',
    });
  });
});
