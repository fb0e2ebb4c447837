/** Where plain http may go. */
import assert from 'node:assert/strict';
import { isLoopback, refusePlainHttp } from '@bagfleet/worker/storage/plain-http';

describe('plain http', () => {
  it('stays on this machine', () => {
    for (const host of [
      'localhost',
      'LOCALHOST',
      'bags.localhost',
      'localhost.',
      '127.0.0.1',
      '127.1.2.3',
      '::1',
      '[::1]',
    ])
      assert.equal(isLoopback(host), true, host);
    for (const host of [
      'localhost.example',
      'mylocalhost',
      '127.0.0.1.example',
      '10.0.0.1',
      '0.0.0.0',
      '::2',
      'minio',
    ])
      assert.equal(isLoopback(host), false, host);
  });

  it('leaves it only when the job says so', () => {
    assert.throws(() => refusePlainHttp('http:', 'minio', false), { code: 'store-insecure' });
    refusePlainHttp('http:', 'minio', true);
    refusePlainHttp('http:', 'localhost', false);
    refusePlainHttp('https:', 'minio', false);
  });
});
