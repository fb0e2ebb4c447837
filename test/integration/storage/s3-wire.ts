/**
 * What S3Store says on the wire, and what it makes of connections that break: seen by a proxy before a server.
 * In: a running server. Out: mocha tests.
 */
import assert from 'node:assert/strict';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { StoreAccess } from '@bagfleet/worker/storage/store-uri';
import type { S3InTests } from '../../support/s3-server.js';
import type { Fate, S3Proxy, SeenRequest } from '../../support/s3-server-proxy.js';
import { s3Proxy } from '../../support/s3-server-proxy.js';
import { rejectsWith } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

const text = (value: string) => new TextEncoder().encode(value);

export function s3Wire(server: S3InTests): void {
  let proxy: S3Proxy;
  let store: ObjectStore;

  async function through(
    fateOf: (seen: SeenRequest, nth: number) => Fate,
    changes: Partial<StoreAccess> = {},
  ) {
    proxy = await s3Proxy(server.endpoint, fateOf);
    store = await openStore(server.uri, plainOptions({ endpoint: proxy.endpoint, ...changes }));
  }
  const methods = () => proxy.seen.map(({ method }) => method);

  afterEach(async () => {
    store.close();
    await proxy.close();
  });

  it('asks for encryption with every write, conditional ones too', async () => {
    await through(() => 'pass', { encryption: 'sse-s3' });
    const { etag } = await store.put('plain', text('1'));
    await store.put('new', text('2'), { ifAbsent: true });
    await store.put('plain', text('3'), { ifMatch: etag });
    assert.deepEqual(methods(), ['PUT', 'PUT', 'PUT']);
    for (const { headers } of proxy.seen) assert.equal(headers['x-amz-server-side-encryption'], 'AES256');
    assert.equal(Buffer.from((await store.get('plain')).bytes).toString(), '3');
  });

  it('names the KMS key, and what the server says about it', async () => {
    await through(() => 'pass', { encryption: { kmsKeyId: 'alias/bagfleet' } });
    await assert.rejects(store.put('a', text('1')), { culprit: `${server.uri}/a` }); // this server has no KMS
    assert.equal(proxy.seen[0].headers['x-amz-server-side-encryption'], 'aws:kms');
    assert.equal(proxy.seen[0].headers['x-amz-server-side-encryption-aws-kms-key-id'], 'alias/bagfleet');
  });

  it('tells the expected owner of the bucket with every request', async () => {
    await through(() => 'pass', { bucketOwner: '123456789012' });
    await store.put('a', text('1'));
    await store.put('b', text('1'), { ifAbsent: true });
    await store.get('a');
    await store.head('a');
    await store.folders('');
    for await (const _ of store.list('')) break;
    await store.delete('a');
    assert.ok(proxy.seen.length >= 7);
    for (const { headers, method } of proxy.seen)
      assert.equal(headers['x-amz-expected-bucket-owner'], '123456789012', method);
  });

  it('sends bodies as they are, without checksum trailers', async () => {
    await through(() => 'pass');
    await store.put('a', text('hello'));
    const { headers } = proxy.seen[0];
    assert.equal(headers['content-length'], '5');
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['x-amz-trailer'], undefined);
    assert.match(
      String(headers['x-amz-content-sha256']),
      /^[0-9a-f]{64}$/,
      'the body is covered by the signature',
    );
  });

  it('knows its own write again when the answer was lost', async () => {
    await through(({ method }, nth) => (method === 'PUT' && nth === 1 ? 'loseAnswer' : 'pass'));
    const put = await store.put('once', text('mine'), { ifAbsent: true });
    assert.deepEqual(methods(), ['PUT', 'PUT', 'HEAD']);
    assert.deepEqual(await store.head('once'), put);
    assert.equal(Buffer.from((await store.get('once')).bytes).toString(), 'mine');
  });

  it('knows its own replacement again when the answer was lost', async () => {
    await through(({ method }, nth) => (method === 'PUT' && nth === 2 ? 'loseAnswer' : 'pass'));
    const first = await store.put('pointer', text('1'));
    const second = await store.put('pointer', text('2'), { ifMatch: first.etag });
    assert.deepEqual(await store.head('pointer'), second);
  });

  it('does not take the same bytes of another writer for its own', async () => {
    await through(() => 'pass');
    await store.put('k', text('same'), { ifAbsent: true });
    await rejectsWith(store.put('k', text('same'), { ifAbsent: true }), 'store-conflict', `${server.uri}/k`);
  });

  it('stops when it is aborted while the answer is on its way', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    await through(({ method }) => {
      if (method !== 'GET') return 'pass';
      setImmediate(() => abort.abort(reason));
      return { cutAfter: Number.POSITIVE_INFINITY }; // as long as the server sends
    });
    await store.put('large', new Uint8Array(2 << 20));
    await assert.rejects(store.get('large', { signal: abort.signal }), reason);
    assert.deepEqual(methods(), ['PUT', 'GET'], 'and does not try again');
  });

  it('fetches again what broke off in the middle', async () => {
    const bytes = new Uint8Array(2 << 20).fill(7);
    await through(({ method }, nth) => (method === 'GET' && nth === 2 ? { cutAfter: 100_000 } : 'pass'));
    await store.put('large', bytes);
    assert.ok(Buffer.from((await store.get('large')).bytes).equals(bytes));
    assert.deepEqual(methods(), ['PUT', 'GET', 'GET']);
  });

  it('gives up on what breaks off every time', async () => {
    await through(({ method }) => (method === 'GET' ? { cutAfter: 100_000 } : 'pass'));
    await store.put('large', new Uint8Array(2 << 20));
    await rejectsWith(store.get('large'), 'store-unavailable', `${server.uri}/large`);
  });
}
