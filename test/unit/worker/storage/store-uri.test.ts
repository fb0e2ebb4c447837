/** Addresses of stores: how each spelling is read, and which are refused. */
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseStoreUri, splitUri, uriOf } from '@bagfleet/worker/storage/store-uri';

describe('store URIs', () => {
  it('name a bucket and a prefix', () => {
    assert.deepEqual(parseStoreUri('s3://bags'), { kind: 's3', bucket: 'bags', prefix: '' });
    assert.deepEqual(parseStoreUri('s3://bags/'), { kind: 's3', bucket: 'bags', prefix: '' });
    assert.deepEqual(parseStoreUri('s3://my.bags/runs/2024 é/'), {
      kind: 's3',
      bucket: 'my.bags',
      prefix: 'runs/2024 é',
    });
  });

  it('name a folder', () => {
    assert.deepEqual(parseStoreUri('/data/x/'), { kind: 'folder', path: '/data/x' });
    assert.deepEqual(parseStoreUri('runs'), { kind: 'folder', path: join(process.cwd(), 'runs') });
    assert.deepEqual(parseStoreUri('~'), { kind: 'folder', path: homedir() });
    assert.deepEqual(parseStoreUri('~/a'), { kind: 'folder', path: join(homedir(), 'a') });
    assert.deepEqual(parseStoreUri('~a'), { kind: 'folder', path: join(process.cwd(), '~a') });
    assert.deepEqual(parseStoreUri('file:///data/a%20b'), { kind: 'folder', path: '/data/a b' });
  });

  it('have one canonical spelling', () => {
    for (const uri of ['s3://bags', 's3://bags/a/b', '/data/x']) assert.equal(uriOf(parseStoreUri(uri)), uri);
    assert.equal(uriOf(parseStoreUri('s3://bags/a/')), 's3://bags/a');
  });

  it('of an object are the store of its folder and its key', () => {
    assert.deepEqual(splitUri('s3://bags/ds/manifest.json'), { store: 's3://bags/ds', key: 'manifest.json' });
    assert.deepEqual(splitUri('s3://bags/manifest.json'), { store: 's3://bags', key: 'manifest.json' });
    assert.deepEqual(splitUri('/data/ds/manifest.json'), { store: '/data/ds', key: 'manifest.json' });
    assert.deepEqual(splitUri('m.json'), { store: process.cwd(), key: 'm.json' });
  });

  it('that name nothing are refused', () => {
    for (const uri of [
      '',
      ' ',
      's3://',
      's3:///x',
      's3://a b/c',
      's3://x',
      's3://bags/a//b',
      's3://bags/../b',
      'gs://bags',
      'https://x/y',
    ])
      assert.throws(() => parseStoreUri(uri), { code: 'usage' }, uri);
    for (const uri of ['s3://bags', 's3://bags/', '/'])
      assert.throws(() => splitUri(uri), { code: 'usage' }, uri);
  });
});
