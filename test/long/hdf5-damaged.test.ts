/** Damaged HDF5 files cost little: whatever stands in them, reading ends soon and takes little memory. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { hdf5Bag } from '@bagfleet/worker/data/formats/hdf5-bag';
import { asRefusal } from '../support/bag-refusal.js';
import { noisyCopies } from '../support/noisy-bytes.js';

const FOLDER = new URL('../fixtures/hdf5/', import.meta.url);
const RUNS = 300;
/** Of files of up to 25 kB. A claim that was believed would take gigabytes and minutes. */
const MOST_BYTES = 300 * 2 ** 20;
const MOST_MS = 5_000;

describe('damaged HDF5 files', function () {
  this.timeout(300_000);

  for (const name of readdirSync(FOLDER).filter((each) => each.endsWith('.h5')))
    it(`cost little: ${name}`, async () => {
      const file = { bag: 'b7', file: name };
      const before = process.memoryUsage().rss;
      for (const bytes of noisyCopies(new Uint8Array(readFileSync(new URL(name, FOLDER))), RUNS, 77)) {
        const begin = performance.now();
        try {
          await (await hdf5Bag.open(bytesInMemory(bytes), file)).decode();
        } catch (thrown) {
          asRefusal(thrown, file);
        }
        assert.ok(performance.now() - begin < MOST_MS, 'ends soon');
        assert.ok(process.memoryUsage().rss - before < MOST_BYTES, 'takes little memory');
      }
    });
});
