/** The same arrays are the same bag, whichever format they lie in: each reader is the others' plain twin. */
import assert from 'node:assert/strict';
import type { BagFormat } from '@bagfleet/worker/data/formats/bag-format';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { hdf5Bag } from '@bagfleet/worker/data/formats/hdf5-bag';
import { npyBag } from '@bagfleet/worker/data/formats/npy-bag';
import { npzBag } from '@bagfleet/worker/data/formats/npz-bag';
import { safetensorsBag } from '@bagfleet/worker/data/formats/safetensors-bag';
import { torchBag } from '@bagfleet/worker/data/formats/torch-bag';
import fc from 'fast-check';
import { madeUpHdf5 } from '../../../../support/made-up-hdf5.js';
import { madeUpNpy } from '../../../../support/made-up-npy.js';
import { safetensorsOf } from '../../../../support/made-up-safetensors.js';
import { madeUpTorch, pickle, tensor, text } from '../../../../support/made-up-torch.js';
import { madeUpZip } from '../../../../support/made-up-zip.js';

/** What NumPy, safetensors and torch call a type, and the bytes of one number. */
const TYPES = {
  uint8: ['|u1', 'U8', 'ByteStorage', 1],
  float16: ['<f2', 'F16', 'HalfStorage', 2],
  float32: ['<f4', 'F32', 'FloatStorage', 4],
  float64: ['<f8', 'F64', 'DoubleStorage', 8],
  int64: ['<i8', 'I64', 'LongStorage', 8],
  int32: ['<i4', 'I32', 'IntStorage', 4],
  int16: ['<i2', 'I16', 'ShortStorage', 2],
  int8: ['|i1', 'I8', 'CharStorage', 1],
  bool: ['|b1', 'BOOL', 'BoolStorage', 1],
} as const;
type Type = keyof typeof TYPES;

interface Given {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}
type Arrays = Readonly<Record<string, Given>>;

function zipOf(arrays: Arrays, deflate: boolean): Buffer {
  const parts = Object.entries(arrays).map(([name, { type, shape, values }]) => ({
    name: `${name}.npy`,
    content: madeUpNpy(TYPES[type][0], shape, values),
    deflate,
  }));
  return madeUpZip(parts);
}

function tensorsOf(arrays: Arrays): Buffer {
  const named = Object.entries(arrays).map(([name, { type, ...rest }]) => [
    name,
    { dtype: TYPES[type][1], ...rest },
  ]);
  return safetensorsOf(Object.fromEntries(named));
}

function torchOf(arrays: Arrays): Buffer {
  const items = Object.entries(arrays).map(([name, { type, shape, values }], i) => {
    const strides = shape.map((_, axis) =>
      shape.slice(axis + 1).reduce((product, size) => product * size, 1),
    );
    const described = tensor({
      storage: TYPES[type][2],
      key: `${i}`,
      count: values.length / TYPES[type][3],
      shape,
      strides,
    });
    return pickle(text(name), described, 's');
  });
  const records = Object.values(arrays).map(({ values }, i) => [`${i}`, values]);
  return madeUpTorch(pickle('}', ...items), Object.fromEntries(records));
}

/** The content, with the features as their bytes: NaNs are not all alike. */
async function decode(format: BagFormat, bytes: Uint8Array) {
  const file = { bag: 'b7', file: `b7${format.suffixes[0]}` };
  const content = await (await format.open(bytesInMemory(bytes), file)).decode();
  return { ...content, features: Buffer.from(content.features.buffer).toString('hex') };
}

/** Any bytes as numbers, NaN and infinity among them. */
const given = (type: Type, shape: readonly number[]) =>
  fc
    .uint8Array({ minLength: bytesOf(type, shape), maxLength: bytesOf(type, shape) })
    .map((values): Given => ({ type, shape, values }));

/** Small whole numbers of any type. */
const whole = (type: Type, shape: readonly number[], most: number) =>
  fc
    .array(fc.nat(most), { minLength: countOf(shape), maxLength: countOf(shape) })
    .map((numbers): Given => ({ type, shape, values: wholeBytes(type, numbers) }));

function wholeBytes(type: Type, numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * TYPES[type][3]);
  for (const [i, number] of numbers.entries()) bytes.writeUIntLE(number, i * TYPES[type][3], 1);
  return bytes;
}

const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const bytesOf = (type: Type, shape: readonly number[]) => countOf(shape) * TYPES[type][3];

const bag = fc
  .record({
    type: fc.constantFrom('uint8' as const, 'float16' as const, 'float32' as const, 'float64' as const),
    shape: fc.constantFrom([1, 1], [3, 2], [1, 3, 2], [2, 3, 2, 1], [7, 5]),
    integers: fc.constantFrom(
      'int64' as const,
      'int32' as const,
      'int16' as const,
      'int8' as const,
      'uint8' as const,
    ),
    edges: fc.nat(6),
  })
  .chain(({ type, shape, integers, edges }) => {
    const instances = shape.length === 3 ? shape[1] : shape[0];
    return fc.record({
      features: given(type, shape),
      coords: whole(integers, [instances, 2], 100),
      inst_labels: whole('bool', [instances], 1),
      edge_index: whole(integers, [2, Math.min(edges, instances * instances)], instances - 1),
    });
  });

describe('the same bag in several formats', () => {
  it('is the same, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(bag, async (arrays) => {
        const { features } = arrays;
        const torch = await decode(torchBag, torchOf(arrays));
        assert.deepEqual(await decode(npzBag, zipOf(arrays, false)), torch);
        assert.deepEqual(await decode(npzBag, zipOf(arrays, true)), torch);
        assert.deepEqual(await decode(safetensorsBag, tensorsOf(arrays)), torch);
        assert.deepEqual(await decode(hdf5Bag, madeUpHdf5(arrays)), torch);
        const alone = await decode(
          npyBag,
          madeUpNpy(TYPES[features.type][0], features.shape, features.values),
        );
        assert.deepEqual(alone, { ...torch, coords: null, instanceLabels: null, edges: null });
        assert.deepEqual(await decode(torchBag, torchOf({ features })), alone);
      }),
      { numRuns: 80 },
    );
  });
});
