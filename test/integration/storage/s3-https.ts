/**
 * S3 over https, with certificates that AWS_CA_BUNDLE names.
 * In: a running server. Out: mocha tests.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { type S3InTests, setEnvironment } from '../../support/s3-server.js';
import { tempFolder } from '../../support/temp-folder.js';
import { tlsFront } from '../../support/tls-front.js';
import { rejectsWith } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

export function s3Https(server: S3InTests): void {
  const folder = tempFolder();
  let front: Awaited<ReturnType<typeof tlsFront>>;
  let restore = () => {};

  beforeEach(async () => {
    front = await tlsFront(server.endpoint, folder.path);
  });
  afterEach(async () => {
    restore();
    await front.close();
  });

  async function opened(bundle: string | undefined) {
    restore();
    restore = setEnvironment({ AWS_CA_BUNDLE: bundle });
    return openStore(server.uri, plainOptions({ endpoint: front.endpoint }));
  }

  it('is written to and read from, whole and into given memory', async () => {
    const store = await opened(front.certificateFile);
    const bytes = Uint8Array.from({ length: 18 << 20 }, (_, i) => (i * 2654435761) >>> 24);
    const { etag } = await store.put('large', bytes);
    const into = new Uint8Array(new SharedArrayBuffer(bytes.length));
    assert.deepEqual(await store.readInto('large', into, { ifMatch: etag }), { etag });
    assert.ok(Buffer.from(into).equals(bytes));
    assert.ok(Buffer.from((await store.get('large')).bytes).equals(bytes));
    store.close();
  });

  it('is not spoken with anybody whom nobody vouches for', async function () {
    this.timeout(60_000);
    const store = await opened(undefined);
    await rejectsWith(store.readInto('large', new Uint8Array(5)), 'store-unavailable', `${server.uri}/large`);
    store.close();
  });

  it('needs a bundle that can be read', async () => {
    await assert.rejects(opened(join(folder.path, 'none.pem')), { code: 'usage' });
    writeFileSync(join(folder.path, 'empty.pem'), '');
    await assert.rejects(opened(join(folder.path, 'empty.pem')), { code: 'usage' });
  });
}
