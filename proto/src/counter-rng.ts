/**
 * Counter-based randomness: a number is a function of (seed, purpose, counter), never of what was drawn
 * before or by whom, so every worker that asks gets the same bits.
 * Philox 4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
import { createHash } from 'node:crypto';

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** High 32 bits of the unsigned 64-bit product. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16); // < 2^33, exact in a double
  const cross = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** One Philox block: four uint32 from a 64-bit counter (as two words) and a 64-bit key (as two words). */
export function philox(counterLow: number, counterHigh: number, keyLow: number, keyHigh: number): Uint32Array {
  const x = new Uint32Array([counterLow, counterHigh, 0, 0]);
  let k0 = keyLow >>> 0;
  let k1 = keyHigh >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, x[0]);
    const low0 = Math.imul(M0, x[0]);
    const high1 = mulHigh(M1, x[2]);
    const low1 = Math.imul(M1, x[2]);
    const y1 = x[1];
    const y3 = x[3];
    x[0] = high1 ^ y1 ^ k0;
    x[1] = low1;
    x[2] = high0 ^ y3 ^ k1;
    x[3] = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return x;
}

/** A stream of numbers for one purpose; every method fills a whole array from counter 0 on. */
export class CounterRng {
  readonly #keyLow: number;
  readonly #keyHigh: number;

  /** `purpose` names what the numbers are for, such as `['dropout', epoch, bagId, 'attention']`. */
  constructor(seed: number, purpose: readonly (string | number)[]) {
    const digest = createHash('sha256').update(JSON.stringify([seed, ...purpose])).digest();
    this.#keyLow = digest.readUInt32LE(0);
    this.#keyHigh = digest.readUInt32LE(4);
  }

  /** `count` integers, uniform in [0, 2^32). */
  uint32(count: number): Uint32Array {
    const out = new Uint32Array(count);
    for (let block = 0; block * 4 < count; block++) {
      const four = philox(block >>> 0, Math.floor(block / 2 ** 32), this.#keyLow, this.#keyHigh);
      out.set(four.subarray(0, Math.min(4, count - block * 4)), block * 4);
    }
    return out;
  }

  /** `count` numbers, uniform in [0, 1), with 32 random bits each. */
  uniform(count: number): Float64Array {
    return Float64Array.from(this.uint32(count), (bits) => bits / 2 ** 32);
  }

  /** `count` numbers from N(0, 1), by Box and Muller (1958). */
  normal(count: number): Float64Array {
    const bits = this.uint32(count + (count % 2));
    const out = new Float64Array(count);
    for (let i = 0; i < count; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((bits[i] + 1) / 2 ** 32));
      const angle = (2 * Math.PI * bits[i + 1]) / 2 ** 32;
      out[i] = radius * Math.cos(angle);
      if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
    }
    return out;
  }

  /** A uniformly drawn order of 0 … count-1 (Fisher and Yates; 2^-32 bias per draw is accepted). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    const draws = this.uint32(count);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor((draws[i] / 2 ** 32) * (i + 1));
      const swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }
}
