/** Bags in .npy files, as NumPy writes them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { npyBag } from '@bagfleet/worker/data/formats/npy-bag';
import { bagFormatContract, type FormatFile } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';

const FIXTURES = new URL('../../../../fixtures/npy/', import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));
const file = { bag: 'b7', file: 'bags/b7.npy' };
const { files } = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as {
  files: Record<string, { shape: number[]; float32: number[] }>;
};

/** float32 and uint8 by what NumPy says they are; halves are the bytes at the end of their file. */
function bag(name: string, type: FormatFile['expected']['type']): FormatFile {
  const { shape, float32 } = files[name];
  const values = {
    float32: () => new Uint8Array(Float32Array.from(float32).buffer),
    uint8: () => Uint8Array.from(float32),
    float16: () => fixture(name).subarray(-2 * float32.length),
    bfloat16: () => assert.fail('NumPy has no such type'),
  };
  const features = Buffer.from(values[type]()).toString('base64');
  const expected = { type, shape, features, coords: null, instanceLabels: null, edges: null };
  return { name, bytes: fixture(name), expected };
}

const bags = [bag('f4_v1', 'float32'), bag('f4_v2', 'float32'), bag('f8', 'float32'), bag('f2', 'float16')];
bagFormatContract(npyBag, [...bags, bag('u1_tiles', 'uint8')], {
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
      const error = await bagRefusal(() => npyBag.open(bytesInMemory(fixture(name)), file), file);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
});
