/** Bags in safetensors files, as the reference implementation writes them; and such as nobody should write. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { safetensorsBag } from '@bagfleet/worker/data/formats/safetensors-bag';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';
import { madeUpSafetensors } from '../../../../support/made-up-safetensors.js';

const { bags, bytes } = bagFixtures('safetensors-bags', '.safetensors');
const file = { bag: 'b7', file: 'bags/b7.safetensors' };
const refusal = (content: Uint8Array) =>
  bagRefusal(async () => (await safetensorsBag.open(bytesInMemory(content), file)).decode(), file);

/** A file with this header and so many bytes of zeros. */
const withHeader = (header: unknown, dataBytes: number) => madeUpSafetensors(header, Buffer.alloc(dataBytes));

const tensor = (shape: number[], from: number, to: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

bagFormatContract(safetensorsBag, bags, { headerReads: 1, cut: /^bag-truncated$/, noisyRuns: 3000 });

describe('safetensors bag', () => {
  const refused: [name: string, message: RegExp][] = [
    ['float8', /its features is F8_E4M3; known are/],
    ['integers', /values are int64; known are uint8, float16/],
    ['weights', /"layer.weight".*none of them is features/],
  ];
  for (const [name, message] of refused)
    it(`refuses ${name} in clear words`, async () => {
      const error = await refusal(bytes(name));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
    });

  const lies: [what: string, content: Buffer, message: RegExp][] = [
    [
      'a shape beyond its bytes',
      withHeader({ features: tensor([2 ** 40, 1024], 0, 24) }, 24),
      /has 24 bytes, its shape/,
    ],
    [
      'a shape beyond all numbers',
      withHeader({ features: tensor([2 ** 52, 2 ** 52], 0, 24) }, 24),
      /has 24 bytes/,
    ],
    [
      'overlapping tensors',
      withHeader({ features: tensor([3, 2], 0, 24), coords: tensor([3, 2], 12, 36) }, 36),
      /begins at byte 12/,
    ],
    [
      'offsets that run backwards',
      withHeader({ features: tensor([3, 2], 0, 24), coords: tensor([0, 2], 24, 8) }, 24),
      /tensor/,
    ],
    [
      'bytes of no tensor',
      withHeader({ features: tensor([3, 2], 0, 24) }, 25),
      /1 bytes of it belong to no tensor/,
    ],
    [
      'a dtype of every object',
      withHeader({ features: tensor([3, 2], 0, 24, 'toString') }, 24),
      /is toString/,
    ],
    ['a name of every object', withHeader('{"__proto__": {"dtype": "F32"}}', 0), /tensor __proto__/],
    [
      'deep nesting',
      withHeader(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, 0),
      /tensor a|not JSON/,
    ],
    ['a long header', withHeader(`{${' '.repeat(2 ** 20)}}`, 0), /said to have 1048578 bytes/],
    ['another file', Buffer.from('PK\x03\x04 is no safetensors file, but an archive'), /said to have/],
  ];
  for (const [what, content, message] of lies)
    it(`refuses ${what}`, async () => {
      const error = await refusal(content);
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
    });
});
