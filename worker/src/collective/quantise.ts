/**
 * A slot's gradient as integers, added to what the worker has.
 * In: float32 gradient, the agreed exponents. Out: sum += round(g·2^e), half to even, int32.
 */
import { BagfleetError } from '@bagfleet/proto';
import { BLOCK } from '../train/parameter-layout.js';
import { checkWholeBlocks, NEUTRAL_EXPONENT } from './block-exponent.js';

/**
 * Adding and taking away 1.5·2^52 rounds a float64 below 2^51 to an integer, half to even: the spacing of
 * numbers there is 1.
 */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * `sum` [length] int32, `gradient` [length] float32, `exponents` [length / 256]; the exponents must be the
 * minimum over all slots of the step, else sums may overflow. The product is exact: 24 bits times a power of 2.
 */
export function addQuantised(sum: Int32Array, gradient: Float32Array, exponents: Int8Array): void {
  checkWholeBlocks(gradient.length);
  if (sum.length !== gradient.length || exponents.length * BLOCK !== gradient.length)
    throw new BagfleetError(
      'bug',
      `${gradient.length} entries, ${sum.length} sums, ${exponents.length} exponents`,
    );
  for (let block = 0; block < exponents.length; block++) {
    if (exponents[block] === NEUTRAL_EXPONENT) continue;
    addBlock(sum, gradient, block * BLOCK, 2 ** exponents[block]);
  }
}

/** Four entries a turn: 1.9 ns per entry on one core where a plain loop takes 2.3 to 2.8. */
function addBlock(sum: Int32Array, gradient: Float32Array, start: number, scale: number): void {
  for (let i = start; i < start + BLOCK; i += 4) {
    const a = (gradient[i] * scale + ROUNDER - ROUNDER) | 0;
    const b = (gradient[i + 1] * scale + ROUNDER - ROUNDER) | 0;
    const c = (gradient[i + 2] * scale + ROUNDER - ROUNDER) | 0;
    const d = (gradient[i + 3] * scale + ROUNDER - ROUNDER) | 0;
    sum[i] += a;
    sum[i + 1] += b;
    sum[i + 2] += c;
    sum[i + 3] += d;
  }
}
