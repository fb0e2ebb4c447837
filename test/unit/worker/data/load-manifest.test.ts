import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto/errors';
import { loadManifest, splitManifestUri } from '@bagfleet/worker/data/load-manifest';
import { MemoryStore } from '../../../support/memory-store.js';

const manifest = {
  schemaVersion: 1,
  name: 'slides',
  instanceShape: [4],
  classes: ['no', 'yes'],
  bags: [{ id: 'b1', key: 'bags/b1.npy', bytes: 144, instances: 1, label: 0, split: 'train' }],
};

function storeWith(file: string, content: string) {
  const store = new MemoryStore('s3://bucket/slides');
  store.objects.set(file, Buffer.from(content));
  return store;
}

async function refusal(store: MemoryStore): Promise<BagfleetError> {
  const thrown = await loadManifest('s3://bucket/slides', () => store).then(
    () => assert.fail(),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError);
  assert.equal(thrown.culprit, 's3://bucket/slides/manifest.json');
  assert.ok(store.closed, 'the store is closed');
  return thrown;
}

describe('load a manifest', () => {
  it('reads it from a folder or by its name, and digests its bytes', async () => {
    const text = JSON.stringify(manifest);
    const store = storeWith('manifest.json', text);
    const opened: string[] = [];
    const openStore = async (uri: string) => {
      opened.push(uri);
      return store;
    };
    const dataset = await loadManifest('s3://bucket/slides/', openStore);
    await loadManifest('s3://bucket/slides/manifest.json', openStore);
    assert.deepEqual(opened, ['s3://bucket/slides/', 's3://bucket/slides']);
    assert.deepEqual(dataset.manifest, manifest);
    assert.equal(dataset.digest, createHash('sha256').update(text).digest('hex'));
    assert.equal(dataset.uri, 's3://bucket/slides/manifest.json');
    assert.equal(dataset.store, store);
    assert.equal(store.closed, false);
  });

  it('splits local paths, other manifest names and the root folder', () => {
    assert.deepEqual(splitManifestUri('data/slides'), { folder: 'data/slides', file: 'manifest.json' });
    assert.deepEqual(splitManifestUri('data/folds-2.json'), { folder: 'data', file: 'folds-2.json' });
    assert.deepEqual(splitManifestUri('manifest.json'), { folder: '.', file: 'manifest.json' });
    assert.deepEqual(splitManifestUri('/manifest.json'), { folder: '/', file: 'manifest.json' });
    assert.deepEqual(splitManifestUri('s3://bucket'), { folder: 's3://bucket', file: 'manifest.json' });
  });

  it('says how to make one where there is none', async () => {
    const error = await refusal(new MemoryStore('s3://bucket/slides'));
    assert.equal(error.code, 'store-missing');
    assert.match(error.hint ?? '', /bagfleet data index/);
  });

  it('refuses half a file without quoting it', async () => {
    const error = await refusal(storeWith('manifest.json', '{ "patient": "Jane Roe", '));
    assert.equal(error.code, 'manifest-invalid');
    assert.doesNotMatch(error.describe(), /Jane/);
  });

  it('refuses a wrong entry by the name of its bag', async () => {
    const wrong = { ...manifest, bags: [{ ...manifest.bags[0], label: 2 }] };
    assert.match(
      (await refusal(storeWith('manifest.json', JSON.stringify(wrong)))).message,
      /bag b1 has label 2/,
    );
  });
});
