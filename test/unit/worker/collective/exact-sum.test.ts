/**
 * The whole way of a gradient through the integers: many slots, any grouping over workers, any order.
 */
import assert from 'node:assert/strict';
import { CounterRng } from '@bagfleet/proto';
import { blockExponents, NEUTRAL_EXPONENT } from '@bagfleet/worker/collective/block-exponent';
import { combineExponents } from '@bagfleet/worker/collective/combine-exponents';
import { dequantise } from '@bagfleet/worker/collective/dequantise';
import { addQuantised } from '@bagfleet/worker/collective/quantise';
import { BLOCK } from '@bagfleet/worker/train/parameter-layout';
import fc from 'fast-check';
import { finiteFloat, gradientBlock, slotCount, spreadGradients } from './gradient-arbitrary.js';

const INT32_MAX = 2 ** 31 - 1;
const LARGEST_FLOAT = 3.4028234663852886e38;

function agreed(gradients: readonly Float32Array[], slots: number): Int8Array {
  const own = gradients.map((gradient) => blockExponents(gradient, slots).exponents);
  return combineExponents(gradients[0].length / BLOCK, own);
}

function summed(gradients: readonly Float32Array[], exponents: Int8Array): Int32Array {
  const sum = new Int32Array(gradients[0].length);
  for (const gradient of gradients) addQuantised(sum, gradient, exponents);
  return sum;
}

/** What may be lost in an entry: half a quantum per slot; in a neutral block all of it, which is next to nothing. */
function bound(slots: number, e: number): number {
  return e === NEUTRAL_EXPONENT ? slots * 2 ** -96 : slots * 2 ** -e;
}

function assertNearFloat64Sum(gradients: readonly Float32Array[]): void {
  const slots = gradients.length;
  const exponents = agreed(gradients, slots);
  const sum = summed(gradients, exponents);
  const reduced = new Float32Array(sum.length);
  dequantise(reduced, sum, exponents, slots);
  for (let i = 0; i < sum.length; i++) {
    const e = exponents[Math.floor(i / BLOCK)];
    const expected = gradients.reduce((total, gradient) => total + gradient[i], 0);
    const exact = sum[i] * 2 ** -e;
    assert.ok(
      Math.abs(exact - expected) <= bound(slots, e),
      `entry ${i}: ${exact} for ${expected}, e = ${e}`,
    );
    // The average is stored as float32, which costs half a unit in the last place besides.
    const mean = expected / slots;
    if (Math.abs(mean) > LARGEST_FLOAT / 2) continue;
    const stored = Math.max(Math.abs(mean) * 2 ** -24, 2 ** -150);
    assert.ok(
      Math.abs(reduced[i] - mean) <= bound(slots, e) / slots + stored,
      `entry ${i}: stored ${reduced[i]}`,
    );
  }
}

describe('the exact sum', () => {
  it('is within S·2^-e of the float64 sum, for any finite entries', () => {
    fc.assert(fc.property(fc.array(gradientBlock, { minLength: 1, maxLength: 12 }), assertNearFloat64Sum), {
      numRuns: 150,
    });
  });

  it('is within S·2^-e of the float64 sum with thousands of slots over 40 decades', () => {
    for (const [slots, decades] of [
      [1, 40],
      [8, 12],
      [256, 6],
      [4096, 40],
    ])
      assertNearFloat64Sum(spreadGradients(slots, slots, 1, decades));
  });

  it('keeps an outlier of 1e30 beside 1e-30, denormals and zeros', () => {
    const one = new Float32Array(3 * BLOCK);
    one.set([1e30, 1e-30, 2 ** -149, -0, 0, -1e30]);
    one.set([1e-28, -2e-28, 0, 2 ** -126], BLOCK);
    one.set([2 ** -149, -(2 ** -140)], 2 * BLOCK);
    const other = one.map((value) => -value / 3);
    assertNearFloat64Sum([one, other, one]);
    const exponents = agreed([one, other], 2);
    assert.equal(exponents[2], NEUTRAL_EXPONENT);
    const sum = summed([one], exponents);
    const back = new Float32Array(sum.length);
    dequantise(back, sum, exponents, 1);
    assert.ok(Math.abs(back[BLOCK] / one[BLOCK] - 1) < 1e-6, 'the small block keeps its own scale');
  });

  it('never leaves int32, whatever the order and however far the adding has come', () => {
    fc.assert(
      fc.property(finiteFloat, slotCount, fc.boolean(), (value, slots, alternate) => {
        // The worst case: all slots have the largest magnitude in the same place.
        const block = new Float32Array(BLOCK).fill(value);
        const { exponents } = blockExponents(block, slots);
        const q = new Int32Array(BLOCK);
        addQuantised(q, block, exponents);
        let partial = 0;
        for (let slot = 0; slot < slots; slot++) {
          partial += alternate && slot % 3 === 2 ? -q[0] : q[0];
          assert.ok(Math.abs(partial) <= INT32_MAX, `${slots} slots of ${value}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has the same bits for any order and any grouping over workers', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (seed, slots, workers) => {
          const gradients = spreadGradients(seed, slots, 2, 12);
          const exponents = agreed(gradients, slots);
          const expected = summed(gradients, exponents);
          const order = new CounterRng(seed, ['order']).permutation(slots);
          const partial = Array.from({ length: workers }, () => new Int32Array(expected.length));
          for (const [place, slot] of order.entries())
            addQuantised(partial[place % workers], gradients[slot], exponents);
          const total = partial.reduce((sum, part) => sum.map((value, i) => value + part[i]));
          assert.deepEqual(total, expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is zero where the float sum is zero, with both signs cancelling', () => {
    const [one] = spreadGradients(7, 1, 4, 20);
    const negative = one.map((value) => -value);
    const exponents = agreed([one, negative], 2);
    assert.ok(summed([one, negative], exponents).every((value) => value === 0));
  });
});
