/** Bags of tiles in ZIP archives; and such as are refused. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { tilesZip } from '@bagfleet/worker/data/formats/tiles-zip';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';
import { madeUpZip, type ZipPart } from '../../../../support/made-up-zip.js';

const png = bagFixtures('tiles/png', '.png');
const jpeg = bagFixtures('tiles/jpeg', '.jpeg');
const file = { bag: 'b7', file: 'bags/b7.zip' };
const refusal = (parts: readonly ZipPart[]) =>
  bagRefusal(async () => (await tilesZip.open(bytesInMemory(madeUpZip(parts)), file)).decode(), file);

bagFormatContract(tilesZip, bagFixtures('tiles/zip', '.zip').bags, {
  headerReads: 3,
  cut: /^bag-(truncated|format)$/,
  noisyRuns: 300,
});

describe('tiles in zip', () => {
  const first = { name: 'tile_0.png', content: png.bytes('rgb') };

  it('names both tiles where their sizes or channels differ', async () => {
    const smaller = await refusal([first, { name: 'tile_1.jpg', content: jpeg.bytes('odd_size') }]);
    assert.equal(smaller.code, 'bag-width');
    assert.match(smaller.message, /tile "tile_1.jpg" is 17 × 23 .*, tile "tile_0.png" is 20 × 24 .*/);
    const grey = await refusal([first, { name: 'tile_1.png', content: png.bytes('grey') }]);
    assert.match(grey.message, /of one channel, tile "tile_0.png" is 20 × 24 pixels of 3 channels/);
  });

  it('refuses archives without a tile, names that lead elsewhere, and what only claims to be large', async () => {
    assert.match((await refusal([{ name: 'a.txt', content: Buffer.of(1) }])).message, /none of its 1 files/);
    assert.match((await refusal([{ ...first, name: '../tile_0.png' }])).message, /leads out/);
    const claims = { bytes: 2 ** 31 };
    assert.match((await refusal([{ ...first, deflate: true, claims }])).message, /bytes, more than is read/);
    const growing = {
      name: 'tile_1.png',
      content: Buffer.alloc(2 ** 26),
      deflate: true,
      claims: { bytes: 500 },
    };
    assert.match((await refusal([first, growing])).message, /unpacks to more/);
  });

  it('names the tile that is damaged', async () => {
    const error = await refusal([first, { name: 'tile_1.png', content: png.bytes('rgb').subarray(0, 300) }]);
    assert.match(error.message, /tile "tile_1.png" ends before its image does/);
  });
});
