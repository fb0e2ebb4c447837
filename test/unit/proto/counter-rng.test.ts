/** The generator against its simple twin, and both against the vectors published with Philox. */
import assert from 'node:assert/strict';
import { CounterRng, philoxBlocks } from '@bagfleet/proto';
import fc from 'fast-check';

const MASK = 0xffffffffn;

/** Philox 4x32-10 as the paper writes it, in integers of any size. */
function philox(counter: readonly bigint[], key: readonly bigint[]): bigint[] {
  let [x0, x1, x2, x3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * x0;
    const product1 = 0xcd9e8d57n * x2;
    [x0, x1, x2, x3] = [
      (product1 >> 32n) ^ x1 ^ k0,
      product1 & MASK,
      (product0 >> 32n) ^ x3 ^ k1,
      product0 & MASK,
    ];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [x0, x1, x2, x3];
}

describe('counter-based randomness', () => {
  it('has a twin that gives the published vectors (Random123, kat_vectors)', () => {
    const hex = (words: bigint[]) => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');
    assert.equal(hex(philox([0n, 0n, 0n, 0n], [0n, 0n])), '6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    assert.equal(hex(philox([MASK, MASK, MASK, MASK], [MASK, MASK])), '408f276d 41c83b0e a20bc7c6 6d5451fd');
    assert.equal(
      hex(philox([0x243f6a88n, 0x85a308d3n, 0x13198a2en, 0x03707344n], [0xa4093822n, 0x299f31d0n])),
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });

  it('equals the twin for any key and any length', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 70 }), (low, high, length) => {
        const out = new Uint32Array(length);
        philoxBlocks(out, low, high);
        const expected = Array.from({ length: Math.ceil(length / 4) }, (_, block) =>
          philox([BigInt(block), 0n, 0n, 0n], [BigInt(low), BigInt(high)]).map(Number),
        ).flat();
        assert.deepEqual([...out], expected.slice(0, length));
      }),
    );
  });

  it('gives the first numbers of a longer row, and other numbers for another purpose', () => {
    const first = new CounterRng(7, ['init', 'a']).uint32(5);
    assert.deepEqual([...new CounterRng(7, ['init', 'a']).uint32(103)].slice(0, 5), [...first]);
    assert.notDeepEqual(new CounterRng(7, ['init', 'b']).uint32(5), first);
    assert.notDeepEqual(new CounterRng(8, ['init', 'a']).uint32(5), first);
  });
});
