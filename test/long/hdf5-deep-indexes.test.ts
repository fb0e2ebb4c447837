/** Indexes of so many chunks that they have all their levels and pages: HDF5's library writes them, we read them. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { openHdf5 } from '@bagfleet/worker/data/hdf5/hdf5-arrays';
import type { LIBVER_BOUND } from 'h5wasm';
import { libraryIsReady, writtenByLibrary } from '../support/hdf5-library.js';

describe('deep indexes of chunks in HDF5', function () {
  this.timeout(120_000);

  before(libraryIsReady);

  const deep: [index: string, shape: number[], room: (number | null)[], libver: LIBVER_BOUND][] = [
    ['an extensible array whose blocks have pages', [136_000], [null], 'v110'],
    ['an extensible array along the second axis', [2, 3_000], [4, null], 'v110'],
    ['a new B-tree of three levels', [90, 90], [null, null], 'v110'],
    ['an old B-tree of three levels', [90, 90], [null, null], 'earliest'],
  ];
  for (const [index, shape, room, libver] of deep)
    it(`gives the values of ${index}`, async () => {
      const count = shape.reduce((product, size) => product * size, 1);
      const values = Uint8Array.from({ length: count }, (_, i) => (i * 31) % 253);
      const chunks = shape.map(() => 1);
      const file = { libver, type: 'uint8', shape, room, chunks, filter: null, values, others: 0 } as const;
      const { array } = await openHdf5(bytesInMemory(writtenByLibrary(file)), { bag: 'b', file: 'b.h5' });
      assert.deepEqual(Buffer.from(await (await array('features')).read()), Buffer.from(values));
    });
});
