/**
 * The scale of each block of a gradient: the way from float32 to integers whose sum has no order.
 * In: a slot's flat gradient and the number S of slots in the step. Out: one exponent per block of 256, and
 * whether every entry is finite.
 */
import { BagfleetError } from '@bagfleet/proto';
import { BLOCK } from '../train/parameter-layout.js';

/** The exponent of a block with nothing to add: larger than any real one (at most 126), so it loses each min. */
export const NEUTRAL_EXPONENT = 127;

/** Slots in one step, at most: S · m is then exact in float64. */
export const MOST_SLOTS = 65_536;

const INFINITY_BITS = 0x7f800000;
/** 2^-96: entries below it count as zero where no slot has a larger one in the same block. */
const SMALLEST_BITS = (127 - 96) << 23;

export interface BlockExponents {
  /** [blocks] e per block, -113 … 126, or NEUTRAL_EXPONENT. */
  readonly exponents: Int8Array;
  /** False if any entry is NaN or infinite; the exponents of such a gradient mean nothing. */
  readonly finite: boolean;
}

/**
 * Per block, with m = the largest |g|: the largest integer e with S·(m·2^e + 1) ≤ 2^31 - 1, so that no sum of
 * S values round(g·2^e) leaves int32, in any order. `gradient` has whole blocks; S is 1 … MOST_SLOTS.
 */
export function blockExponents(gradient: Float32Array, slots: number): BlockExponents {
  checkWholeBlocks(gradient.length);
  const rule = exponentRule(slots);
  // As integers, magnitudes of floats keep their order, and infinities and NaN come last.
  const bits = new Int32Array(gradient.buffer, gradient.byteOffset, gradient.length);
  const exponents = new Int8Array(gradient.length / BLOCK);
  let largest = 0;
  for (let block = 0; block < exponents.length; block++) {
    const maximum = largestMagnitude(bits, block * BLOCK);
    if (maximum > largest) largest = maximum;
    exponents[block] = exponentOf(maximum, rule);
  }
  return { exponents, finite: largest < INFINITY_BITS };
}

/** Four running maxima, so that no comparison waits for the one before it. */
function largestMagnitude(bits: Int32Array, start: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = start; i < start + BLOCK; i += 4) {
    a = Math.max(a, bits[i] & 0x7fffffff);
    b = Math.max(b, bits[i + 1] & 0x7fffffff);
    c = Math.max(c, bits[i + 2] & 0x7fffffff);
    d = Math.max(d, bits[i + 3] & 0x7fffffff);
  }
  return Math.max(a, b, c, d);
}

/** What depends on S alone. */
interface ExponentRule {
  readonly slots: number;
  /** The largest t with S·2^t ≤ 2^31 - 1 - S. */
  readonly power: number;
  /** (2^31 - 1 - S) · 2^(23 - t): what S times a 24-bit significand may reach. */
  readonly limit: number;
}

function exponentRule(slots: number): ExponentRule {
  if (!Number.isInteger(slots) || slots < 1 || slots > MOST_SLOTS)
    throw new BagfleetError('bug', `a step has 1 to ${MOST_SLOTS} slots, not ${slots}`);
  const room = 2 ** 31 - 1 - slots;
  let power = 0;
  while (slots * 2 ** (power + 1) <= room) power++;
  return { slots, power, limit: room * 2 ** (23 - power) };
}

/**
 * m = f·2^k with 1 ≤ f < 2, so e + k is t, or t - 1 where S·f·2^t is too much: one comparison of exact numbers.
 */
function exponentOf(maximum: number, rule: ExponentRule): number {
  if (maximum < SMALLEST_BITS || maximum >= INFINITY_BITS) return NEUTRAL_EXPONENT;
  const k = (maximum >>> 23) - 127;
  const significand = (maximum & 0x7fffff) | 0x800000;
  return rule.power - k - (rule.slots * significand > rule.limit ? 1 : 0);
}

export function checkWholeBlocks(length: number): void {
  if (length % BLOCK !== 0)
    throw new BagfleetError('bug', `${length} entries are not whole blocks of ${BLOCK}`);
}
