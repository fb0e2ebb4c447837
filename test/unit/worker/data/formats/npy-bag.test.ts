/** Bags in .npy files, as NumPy writes them. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { npyBag } from '@bagfleet/worker/data/formats/npy-bag';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';
import { npyBags, npyFixture } from '../../../../support/npy-fixtures.js';

const file = { bag: 'b7', file: 'bags/b7.npy' };

bagFormatContract(npyBag, npyBags, {
  headerReads: 1,
  cut: /^bag-truncated$/,
  noisyRuns: 3000,
});

describe('npy bag', () => {
  const refused: [name: string, code: string, message: RegExp][] = [
    ['int64', 'bag-format', /values are int64; known are uint8, float16, bfloat16, float32, float64/],
    ['bool', 'bag-format', /values are bool/],
    ['one_axis', 'bag-width', /shape is \(3\)/],
    ['scalar', 'bag-width', /shape is \(\)/],
  ];
  for (const [name, code, message] of refused)
    it(`refuses ${name}`, async () => {
      const error = await bagRefusal(() => npyBag.open(bytesInMemory(npyFixture(name)), file), file);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
});
