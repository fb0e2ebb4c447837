/** Tiles as files of their own, PNG and JPEG, as Pillow writes and reads them; and such as are refused. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { imageBag } from '@bagfleet/worker/data/formats/image-bag';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';

const png = bagFixtures('tiles/png', '.png');
const jpeg = bagFixtures('tiles/jpeg', '.jpeg');
const file = { bag: 'b7', file: 'bags/b7.png' };

const open = (bytes: Uint8Array, of = file) => imageBag.open(bytesInMemory(bytes), of);
const refusal = (bytes: Uint8Array) => bagRefusal(async () => (await open(bytes)).decode(), file);

bagFormatContract(imageBag, [...png.bags, ...jpeg.bags], {
  headerReads: 1,
  cut: /^bag-truncated$|^bag-format$/,
  noisyRuns: 300,
});

describe('image bag', () => {
  const refused: [name: string, bytes: Uint8Array, code: string, message: RegExp][] = [
    ['what can be seen through', png.bytes('transparent'), 'bag-format', /transparent in places/],
    ['16 bits', png.bytes('sixteen_bits'), 'bag-format', /values of type ushort/],
    ['CMYK', jpeg.bytes('cmyk'), 'bag-format', /colours of the kind cmyk/],
    ['another kind of image', png.bytes('bitmap'), 'bag-format', /neither PNG nor JPEG/],
    ['20,000 × 20,000 pixels in some kilobytes', png.bytes('huge'), 'bag-format', /pixel/],
    ['drawings, whose decoder could be asked to open files', svg(), 'bag-format', /neither PNG nor JPEG/],
    ['nothing', new Uint8Array(0), 'bag-truncated', /ends before its image does/],
  ];
  for (const [name, bytes, code, message] of refused)
    it(`refuses ${name} in clear words`, async () => {
      const error = await refusal(bytes);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });

  it('refuses pixels that so few bytes cannot hold, and takes no memory for them', async () => {
    const claiming = jpeg.bytes('plain').slice();
    const frame = Buffer.from(claiming.buffer).indexOf(Buffer.from('ffc0', 'hex'));
    Buffer.from(claiming.buffer).writeUInt16BE(4000, frame + 5);
    Buffer.from(claiming.buffer).writeUInt16BE(4000, frame + 7);
    assert.match(
      (await refusal(claiming)).message,
      /claims 4000 × 4000 pixels in \d+ bytes, which cannot be/,
    );
  });

  it('takes coordinates from the name of the file', async () => {
    const { header, decode } = await open(png.bytes('rgb'), { ...file, file: 'slide_9/x_1024_y_77.png' });
    assert.equal(header.hasCoords, true);
    assert.deepEqual([...((await decode()).coords ?? [])], [1024, 77]);
  });
});

function svg(): Uint8Array {
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>',
  );
}
