/**
 * HDF5's own library (as WebAssembly) and our reader and writer: what one writes the other reads.
 * All forms of files, over random shapes, chunks, limits and filters.
 */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { openHdf5 } from '@bagfleet/worker/data/hdf5/hdf5-arrays';
import fc from 'fast-check';
import type { LIBVER_BOUND } from 'h5wasm';
import {
  inLibrary,
  type LibraryFile,
  libraryIsReady,
  TYPES,
  writtenByLibrary,
} from '../../../../support/hdf5-library.js';
import { madeUpHdf5 } from '../../../../support/made-up-hdf5.js';

const TYPE_NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];
const FILTERS = [
  null,
  { compression: 1, compression_opts: [4] },
  { compression: 2, compression_opts: [] },
  { compression: 3, compression_opts: [] },
];
const axis = fc.record({
  size: fc.integer({ min: 1, max: 9 }),
  chunk: fc.integer({ min: 1, max: 11 }),
  room: fc.constantFrom(0, 0, 3, null),
});
const given: fc.Arbitrary<LibraryFile> = fc
  .record({
    libver: fc.constantFrom<LIBVER_BOUND>('earliest', 'v108', 'v110', 'v200'),
    type: fc.constantFrom(...TYPE_NAMES),
    axes: fc.array(axis, { minLength: 1, maxLength: 4 }),
    chunked: fc.boolean(),
    filter: fc.constantFrom(...FILTERS),
    others: fc.constantFrom(0, 1, 12, 40),
  })
  .chain(({ axes, chunked, filter, ...rest }) => {
    const shape = axes.map(({ size }) => size);
    const room = axes.map((of) => (of.room === null ? null : of.size + of.room));
    const fits = (chunk: number, i: number) => Math.min(chunk, room[i] ?? chunk); // HDF5 wants chunks that can be filled
    const chunks = chunked ? axes.map(({ chunk }, i) => fits(chunk, i)) : null;
    const bytes = shape.reduce((product, size) => product * size, TYPES[rest.type][1].BYTES_PER_ELEMENT);
    const values = fc.uint8Array({ minLength: bytes, maxLength: bytes });
    return values.map((of) => ({
      ...rest,
      shape,
      room,
      chunks,
      filter: chunked ? filter : null,
      values: of,
    }));
  });

describe("HDF5's library and our reader", () => {
  before(async () => {
    await libraryIsReady();
  });

  it('read the same from what the library writes', async function () {
    this.timeout(20_000);
    await fc.assert(
      fc.asyncProperty(given, async (file) => {
        const { names, array } = await openHdf5(bytesInMemory(writtenByLibrary(file)), {
          bag: 'b',
          file: 'b.h5',
        });
        assert.equal(names.length, 1 + file.others);
        const features = await array('features');
        assert.deepEqual([features.type, features.shape], [file.type, file.shape]);
        assert.deepEqual(Buffer.from(await features.read()), Buffer.from(file.values));
      }),
      { numRuns: 80 },
    );
  });

  it('read the same from what we write', () => {
    const values = Buffer.from(Array.from({ length: 80 }, (_, i) => (i * 37) % 251));
    const types = TYPE_NAMES;
    const arrays = types.map((type) => {
      const size = TYPES[type][1].BYTES_PER_ELEMENT;
      return [type, { type, shape: [5, 2], values: values.subarray(0, 10 * size) }] as const;
    });
    inLibrary(madeUpHdf5(Object.fromEntries(arrays)), (read) => {
      for (const [name, { shape, values: bytes }] of arrays) {
        const dataset = read(name);
        assert.deepEqual(dataset.shape, shape);
        const { buffer, byteOffset, byteLength } = dataset.value as Uint8Array;
        assert.deepEqual(Buffer.from(buffer, byteOffset, byteLength), bytes, name);
      }
    });
  });

  it('know a bag of halves and of bools that we write', () => {
    const halves = { type: 'float16', shape: [2, 3], values: new Uint8Array(12).fill(0x3c) } as const;
    const bools = { type: 'bool', shape: [2], values: Uint8Array.of(1, 0) } as const;
    inLibrary(madeUpHdf5({ features: halves, inst_labels: bools }), (read) => {
      const { size, type } = read('features').metadata;
      assert.deepEqual([size, type], [2, 1]); // bytes, and the class of floats
      assert.deepEqual(read('inst_labels').metadata.enum_type?.members, { FALSE: 0, TRUE: 1 });
    });
  });
});
