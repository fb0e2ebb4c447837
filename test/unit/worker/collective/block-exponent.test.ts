import assert from 'node:assert/strict';
import { blockExponents, NEUTRAL_EXPONENT } from '@bagfleet/worker/collective/block-exponent';
import { combineExponents } from '@bagfleet/worker/collective/combine-exponents';
import { BLOCK } from '@bagfleet/worker/train/parameter-layout';
import fc from 'fast-check';
import { twinExponent } from './exact-twin.js';
import { gradientBlock, slotCount } from './gradient-arbitrary.js';

describe('block exponents', () => {
  it('are the largest that leave no overflow, as exact rational arithmetic says', () => {
    fc.assert(
      fc.property(fc.array(gradientBlock, { minLength: 1, maxLength: 3 }), slotCount, (blocks, slots) => {
        const gradient = Float32Array.from(blocks.flatMap((block) => [...block]));
        const { exponents, finite } = blockExponents(gradient, slots);
        assert.deepEqual(
          [...exponents],
          blocks.map((block) => twinExponent(block, slots)),
        );
        assert.equal(finite, true);
      }),
      { numRuns: 300 },
    );
  });

  it('are right on both sides of every limit that a significand can cross', () => {
    const bits = new Int32Array(1);
    const value = new Float32Array(bits.buffer);
    for (const slots of [1, 2, 3, 5, 7, 8, 100, 1000, 4095, 4096, 65_536]) {
      // The significand at which S·f·2^t meets 2^31 - 1 - S, and its neighbours.
      const room = 2 ** 31 - 1 - slots;
      const ratio = room / slots / 2 ** Math.floor(Math.log2(room / slots));
      value[0] = ratio;
      const middle = bits[0];
      for (let step = -3; step <= 3; step++) {
        bits[0] = middle + step;
        const block = new Float32Array(BLOCK).fill(value[0]);
        assert.equal(
          blockExponents(block, slots).exponents[0],
          twinExponent(block, slots),
          `${slots} ${step}`,
        );
      }
    }
  });

  it('stay within int8 at both ends', () => {
    const largest = new Float32Array(BLOCK).fill(3.4028234663852886e38);
    assert.equal(blockExponents(largest, 65_536).exponents[0], twinExponent(largest, 65_536));
    const smallest = new Float32Array(BLOCK).fill(2 ** -96);
    assert.equal(blockExponents(smallest, 1).exponents[0], 126);
    assert.equal(blockExponents(new Float32Array(BLOCK).fill(2 ** -97), 1).exponents[0], NEUTRAL_EXPONENT);
    assert.equal(blockExponents(new Float32Array(BLOCK).fill(-0), 1).exponents[0], NEUTRAL_EXPONENT);
  });

  it('see NaN and infinity wherever they are', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (const at of [0, 1, 2, 3, 255, 256, 511]) {
        const gradient = new Float32Array(2 * BLOCK).fill(3.4028234663852886e38);
        gradient[at] = bad;
        assert.equal(blockExponents(gradient, 8).finite, false, `${bad} at ${at}`);
      }
  });

  it('read a view of shared memory', () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * 3 * BLOCK), 4 * BLOCK, BLOCK).fill(0.25);
    assert.deepEqual(blockExponents(shared, 4), blockExponents(new Float32Array(BLOCK).fill(0.25), 4));
  });

  it('refuse part of a block and impossible numbers of slots', () => {
    assert.throws(() => blockExponents(new Float32Array(BLOCK + 1), 1), { code: 'bug' });
    for (const slots of [0, -1, 1.5, 65_537])
      assert.throws(() => blockExponents(new Float32Array(), slots), { code: 'bug' });
  });
});

describe('combined exponents', () => {
  it('are the smallest of each block, in any order', () => {
    const exponents = fc.array(fc.integer({ min: -113, max: 127 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(exponents, { maxLength: 9 }), (all) => {
        const expected = [0, 1, 2, 3].map((block) =>
          Math.min(NEUTRAL_EXPONENT, ...all.map((one) => one[block])),
        );
        const arrays = all.map((one) => Int8Array.from(one));
        assert.deepEqual([...combineExponents(4, arrays)], expected);
        assert.deepEqual([...combineExponents(4, arrays.reverse())], expected);
      }),
    );
  });

  it('refuse another number of blocks', () => {
    assert.throws(() => combineExponents(2, [new Int8Array(3)]), { code: 'bug' });
  });
});
