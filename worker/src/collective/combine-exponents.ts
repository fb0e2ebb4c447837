/**
 * One scale for all: the smallest exponent per block wins, over slots and over workers.
 * In: exponents of equal length. Out: their minimum; neutral where nobody has anything to add.
 */
import { BagfleetError } from '@bagfleet/proto';
import { NEUTRAL_EXPONENT } from './block-exponent.js';

export function combineExponents(blocks: number, all: readonly Int8Array[]): Int8Array {
  const combined = new Int8Array(blocks).fill(NEUTRAL_EXPONENT);
  for (const exponents of all) {
    if (exponents.length !== blocks)
      throw new BagfleetError('bug', `exponents of ${exponents.length} blocks where ${blocks} are due`);
    for (let block = 0; block < blocks; block++)
      if (exponents[block] < combined[block]) combined[block] = exponents[block];
  }
  return combined;
}
