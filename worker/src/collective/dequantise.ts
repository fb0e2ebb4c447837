/**
 * The averaged gradient from the exact sum: the one formula by which every worker leaves the integers.
 * In: int32 sums, the agreed exponents, W = the sum of the weights. Out: float32.
 */
import { BagfleetError } from '@bagfleet/proto';
import { BLOCK } from '../train/parameter-layout.js';
import { checkWholeBlocks } from './block-exponent.js';

/** g = sum·2^-e / W in float64 (the product is exact, so one rounding), stored as float32 (a second one). */
export function dequantise(out: Float32Array, sum: Int32Array, exponents: Int8Array, weight: number): void {
  checkWholeBlocks(sum.length);
  if (out.length !== sum.length || exponents.length * BLOCK !== sum.length)
    throw new BagfleetError(
      'bug',
      `${sum.length} sums, ${out.length} gradients, ${exponents.length} exponents`,
    );
  if (!(weight > 0) || !Number.isFinite(weight))
    throw new BagfleetError('bug', `the weights of a step sum to ${weight}, not to a positive number`);
  for (let block = 0; block < exponents.length; block++)
    averageBlock(out, sum, block * BLOCK, 2 ** -exponents[block], weight);
}

function averageBlock(
  out: Float32Array,
  sum: Int32Array,
  start: number,
  quantum: number,
  weight: number,
): void {
  for (let i = start; i < start + BLOCK; i++) out[i] = (sum[i] * quantum) / weight;
}
