import assert from 'node:assert/strict';
import { RunContentRecord } from '@bagfleet/worker/data/integrity/run-content-record';
import { MemoryStore } from '../../../../support/memory-store.js';

const SHA = 'ab'.repeat(32);

describe('what a run recorded of its reads', () => {
  it('is known to whoever reads later, and tells no keys', async () => {
    const store = new MemoryStore();
    const first = await RunContentRecord.open(store);
    assert.equal(first.found('Jane Doe.npy', 'v1'), null);
    first.record('Jane Doe.npy', 'v1', SHA);
    assert.equal(first.found('Jane Doe.npy', 'v1'), SHA);
    await first.close();
    const later = await RunContentRecord.open(store);
    assert.equal(later.found('Jane Doe.npy', 'v1'), SHA);
    assert.equal(later.found('Jane Doe.npy', 'v2'), null);
    for (const bytes of store.objects.values()) assert.ok(!Buffer.from(bytes).toString().includes('Jane'));
  });

  it('two readers overwrite nothing of each other, and nothing is written where nothing was found', async () => {
    const store = new MemoryStore();
    const readers = [await RunContentRecord.open(store), await RunContentRecord.open(store)];
    for (const [i, reader] of readers.entries()) {
      reader.record(`${i}`, 'v', SHA);
      await reader.close();
    }
    const later = await RunContentRecord.open(store);
    assert.deepEqual([later.found('0', 'v'), later.found('1', 'v')], [SHA, SHA]);
    await later.close();
    assert.equal(store.objects.size, 2);
  });

  it('a damaged file saves no reads, and hurts nobody', async () => {
    const store = new MemoryStore();
    store.objects.set('content/x.json', Buffer.from('{"half'));
    const record = await RunContentRecord.open(store);
    assert.equal(record.found('a', 'v'), null);
  });
});
