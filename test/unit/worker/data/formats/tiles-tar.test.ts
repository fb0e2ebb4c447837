/** Bags of tiles in tar archives of three kinds; and such as are refused. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { tilesTar } from '@bagfleet/worker/data/formats/tiles-tar';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';

const { bags, bytes } = bagFixtures('tiles/tar', '.tar');
const file = { bag: 'b7', file: 'bags/b7.tar' };
const refusal = (content: Uint8Array) =>
  bagRefusal(async () => (await tilesTar.open(bytesInMemory(content), file)).decode(), file);

bagFormatContract(tilesTar, bags, { headerReads: 2, cut: /^bag-(truncated|format)$/, noisyRuns: 300 });

describe('tiles in tar', () => {
  it('refuses links, and names that lead elsewhere', async () => {
    assert.match((await refusal(bytes('link'))).message, /"0_1.png" is a symbolic link/);
    assert.match((await refusal(bytes('outside'))).message, /leads out of the archive/);
  });

  it('refuses sizes that are lies', async () => {
    const lying = bytes('ustar').slice();
    withSize(lying, '77777777777');
    const error = await refusal(lying);
    assert.equal(error.code, 'bag-truncated');
    assert.match(error.message, /should go on to byte/);
    const shorter = bytes('ustar').slice();
    withSize(shorter, '00000000777');
    assert.match((await refusal(shorter)).message, /no tar header after 1024 bytes/);
  });

  it('refuses a header that was changed, and what is no tar', async () => {
    const changed = bytes('ustar').slice();
    changed[0] ^= 1;
    assert.match((await refusal(changed)).message, /no tar header after 0 bytes/);
    assert.equal((await refusal(Buffer.alloc(1024, 7))).code, 'bag-format');
    assert.match((await refusal(Buffer.alloc(1024))).message, /none of its 0 files is a tile/);
  });
});

/** Writes a size into the first header, and its checksum anew. */
function withSize(tar: Uint8Array, octal: string): void {
  const block = Buffer.from(tar.buffer, tar.byteOffset, 512);
  block.write(octal, 124, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
