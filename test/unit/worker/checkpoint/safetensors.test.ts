/** The safetensors format: against files of the reference implementation, and against itself on random input. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { BagfleetError } from '@bagfleet/proto/errors';
import { readSafetensors } from '@bagfleet/worker/checkpoint/read-safetensors';
import type { NamedTensor } from '@bagfleet/worker/checkpoint/safetensors-format';
import { writeSafetensors } from '@bagfleet/worker/checkpoint/write-safetensors';
import fc from 'fast-check';

const FIXTURES = new URL('../../../fixtures/safetensors/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as Record<
  string,
  Record<string, { dtype: '<f4' | '<i8'; shape: number[]; values: string[] }>
>;
const fixture = (name: string) => readFileSync(new URL(`${name}.safetensors`, FIXTURES));
const tensorsIn = (name: string): NamedTensor[] =>
  Object.entries(expected[name]).map(([key, { dtype, shape, values }]) => ({
    name: key,
    shape,
    data: dtype === '<f4' ? Float32Array.from(values, Number) : BigInt64Array.from(values, BigInt),
  }));

/** -0 and 0 are different bits, and so are all the NaNs. */
const bitsOf = ({ data }: NamedTensor) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');

describe('safetensors', () => {
  for (const name of Object.keys(expected)) {
    it(`reads what the reference implementation wrote: ${name}`, () => {
      const { tensors, metadata } = readSafetensors(fixture(name), name);
      assert.deepEqual(metadata, { format: 'pt' });
      assert.deepEqual([...tensors.keys()].sort(), Object.keys(expected[name]).sort());
      for (const tensor of tensorsIn(name)) {
        assert.deepEqual(tensors.get(tensor.name)?.shape, tensor.shape);
        assert.equal(bitsOf(tensors.get(tensor.name) as NamedTensor), bitsOf(tensor), tensor.name);
      }
    });

    it(`writes the very bytes of the reference implementation: ${name}`, () => {
      const ours = writeSafetensors(tensorsIn(name).reverse(), { format: 'pt' });
      assert.ok(fixture(name).equals(ours));
    });
  }

  const shape = fc.array(fc.nat(4), { maxLength: 3 });
  const sizeOf = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const float = fc.float({ noDefaultInfinity: false, noNaN: false });
  const floats = shape.chain((sizes) =>
    fc.array(float, { minLength: sizeOf(sizes), maxLength: sizeOf(sizes) }).map((values) => ({
      shape: sizes,
      data: new Float32Array(values) as Float32Array | BigInt64Array,
    })),
  );
  const integers = shape.chain((sizes) =>
    fc
      .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
        minLength: sizeOf(sizes),
        maxLength: sizeOf(sizes),
      })
      .map((values) => ({ shape: sizes, data: new BigInt64Array(values) as Float32Array | BigInt64Array })),
  );
  const name = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.nat(30).map(String));
  const tensorList = fc
    .uniqueArray(fc.tuple(name, fc.oneof(floats, integers)), { selector: ([key]) => key, maxLength: 8 })
    .map((list) => list.map(([key, content]): NamedTensor => ({ name: key, ...content })));
  const known = (tensors: readonly NamedTensor[]) =>
    !tensors.some((tensor) => tensor.name === '__metadata__');

  it('gives back any tensors, bit for bit, wherever the file lies in memory', () => {
    fc.assert(
      fc.property(tensorList.filter(known), fc.nat(9), (tensors, shift) => {
        const file = writeSafetensors(tensors, { format: 'pt' });
        const shifted = new Uint8Array(file.length + shift).subarray(shift);
        shifted.set(file);
        const { tensors: read } = readSafetensors(shifted, 'file');
        assert.equal(read.size, tensors.length);
        for (const tensor of tensors) {
          const found = read.get(tensor.name) as NamedTensor;
          assert.deepEqual(found.shape, tensor.shape);
          assert.equal(found.data.constructor, tensor.data.constructor);
          assert.equal(bitsOf(found), bitsOf(tensor));
        }
      }),
    );
  });

  it('is the same bytes in whatever order the tensors come', () => {
    fc.assert(
      fc.property(tensorList.filter(known), (tensors) => {
        const file = writeSafetensors(tensors, { format: 'pt' });
        assert.ok(Buffer.from(file).equals(writeSafetensors([...tensors].reverse(), { format: 'pt' })));
        const headerLength = new DataView(file.buffer).getBigUint64(0, true);
        assert.equal(headerLength % 8n, 0n);
      }),
    );
  });

  describe('is refused', () => {
    const file = (header: unknown, dataBytes: number) => {
      const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
      const bytes = Buffer.alloc(8 + text.length + dataBytes);
      bytes.writeBigUInt64LE(BigInt(text.length));
      text.copy(bytes, 8);
      return bytes;
    };
    const entry = (from: number, to: number, sizes = [(to - from) / 4], dtype = 'F32') => ({
      dtype,
      shape: sizes,
      data_offsets: [from, to],
    });
    const lying = (length: bigint) => {
      const bytes = file({}, 0);
      bytes.writeBigUInt64LE(length);
      return bytes;
    };
    const cases: [what: string, bytes: Buffer, message: RegExp][] = [
      ['an empty file', Buffer.alloc(0), /too few for a header/],
      ['a header longer than the file', lying(3n), /said to have 3 bytes, of 10/],
      ['a header of impossible length', lying(2n ** 63n), /said to have 9223372036854775808 bytes/],
      ['a header that is no object', file('[]', 0), /does not begin with \{/],
      ['a header that is no JSON', file('{oops}', 0), /not JSON/],
      ['a header that is no UTF-8', file('{"a":1}', 0).fill(0xff, 10, 11), /not JSON/],
      ['metadata that are no text', file({ __metadata__: { format: 1 } }, 0), /metadata are not text/],
      ['an unknown field', file({ a: { ...entry(0, 4), more: 1 } }, 4), /tensor a: .*more/],
      ['a negative size', file({ a: entry(0, 4, [-1]) }, 4), /tensor a/],
      [
        'an unknown dtype',
        file({ a: entry(0, 4, [2], 'F16') }, 4),
        /tensor a is F16; bagfleet reads I64 and F32/,
      ],
      [
        'a dtype that is a property of every object',
        file({ a: entry(0, 4, [1], 'constructor') }, 4),
        /is constructor/,
      ],
      [
        'a shape that does not fit',
        file({ a: entry(0, 8, [3]) }, 8),
        /has 8 bytes, its shape \[3\] wants 12/,
      ],
      ['a shape beyond all numbers', file({ a: entry(0, 4, [2 ** 52, 2 ** 52]) }, 4), /tensor a has 4 bytes/],
      [
        'overlapping tensors',
        file({ a: entry(0, 8), b: entry(4, 12) }, 12),
        /tensor b begins at byte 4, .* ends at 8/,
      ],
      [
        'a hole between tensors',
        file({ a: entry(0, 4), b: entry(8, 12) }, 12),
        /tensor b begins at byte 8, .* ends at 4/,
      ],
      ['a hole at the beginning', file({ a: entry(4, 8) }, 8), /tensor a begins at byte 4/],
      [
        'offsets that run backwards',
        file({ a: { dtype: 'F32', shape: [0], data_offsets: [0, -4] } }, 0),
        /tensor a/,
      ],
      ['a cut-off file', file({ a: entry(0, 8) }, 7), /cut off/],
      ['bytes behind the last tensor', file({ a: entry(0, 4) }, 5), /1 bytes of it belong to no tensor/],
    ];
    for (const [what, bytes, message] of cases)
      it(`for ${what}`, () => {
        assert.throws(
          () => readSafetensors(bytes, 'model.safetensors'),
          (error: BagfleetError) => {
            assert.equal(error.code, 'checkpoint-corrupt');
            assert.equal(error.culprit, 'model.safetensors');
            assert.match(error.message, message);
            return true;
          },
        );
      });

    it('and any other noise ends in that error, too', () => {
      const good = fixture('mixed');
      fc.assert(
        fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
          const bytes = Buffer.from(good.subarray(0, length));
          if (at < length) bytes[at] = value;
          try {
            readSafetensors(bytes, 'noise');
          } catch (error) {
            assert.equal((error as BagfleetError).code, 'checkpoint-corrupt');
          }
        }),
        { numRuns: 1_000 },
      );
    });
  });

  it('is not written from what would be no file', () => {
    const one = { name: 'a', shape: [1], data: new Float32Array(1) };
    assert.throws(() => writeSafetensors([one, one], {}), { code: 'bug' });
    assert.throws(() => writeSafetensors([{ ...one, shape: [2] }], {}), { code: 'bug' });
    assert.throws(() => writeSafetensors([{ ...one, name: '__metadata__' }], {}), { code: 'bug' });
  });
});
