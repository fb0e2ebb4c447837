import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { float16Table } from '@bagfleet/worker/data/float16';

const { halvesSha256 } = JSON.parse(
  readFileSync(new URL('../../../fixtures/npy/expected.json', import.meta.url), 'utf8'),
) as { halvesSha256: string };

describe('float16', () => {
  it('all 65,536 halves are what NumPy makes of them', () => {
    const values = float16Table().map((value) => (Number.isNaN(value) ? 0 : value));
    const count = Buffer.alloc(4);
    count.writeUInt32LE(values.length);
    const digest = createHash('sha256').update(count).update(new Uint8Array(values.buffer)).digest('hex');
    assert.equal(digest, halvesSha256);
    assert.equal([...float16Table()].filter(Number.isNaN).length, 2 * 1023);
  });
});
