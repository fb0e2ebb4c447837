import assert from 'node:assert/strict';
import { pinHoldOut, readHoldOut, sizeOf, verifyHoldOut } from '@bagfleet/orchestrator/cron/hold-out';
import { type DatasetManifest, holdOutFile } from '@bagfleet/proto';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { madeUpCron, madeUpManifest } from '../../../support/made-up-cron.js';
import { MemoryStore } from '../../../support/memory-store.js';

const quietly = () => undefined;

describe('a hold-out', () => {
  let bags: MemoryStore;
  let runs: MemoryStore;
  const manifest = madeUpManifest([
    { id: 'x0', fold: 3 },
    { id: 'x1', label: 1, split: 'val' },
    { id: 'x2', label: 1 },
  ]);

  beforeEach(async () => {
    [bags, runs] = [new MemoryStore('memory://bags'), new MemoryStore('memory://runs')];
    for (const { key } of manifest.bags) await bags.put(key, Buffer.alloc(100, key));
  });

  const pin = (held: DatasetManifest['bags'] = manifest.bags) =>
    pinHoldOut({ manifest, store: bags, uri: 'memory://bags/manifest.json' }, held, quietly);

  async function read() {
    const { digest, bytes } = await pin();
    await runs.put(holdOutFile('slides', digest), bytes);
    const cron = madeUpCron({ holdOut: { sha256: digest, folder: 'memory://bags' } });
    return { cron, holdOut: await readHoldOut(runs, cron, bags) };
  }

  it('is the same file for the same bags, and reads back as a dataset of test bags', async () => {
    assert.deepEqual(await pin(), await pin());
    const { holdOut } = await read();
    await verifyHoldOut(holdOut, quietly);
    assert.deepEqual(
      holdOut.manifest.bags.map(({ id, split, fold }) => [id, split, fold]),
      [
        ['x0', 'test', undefined],
        ['x1', 'test', undefined],
        ['x2', 'test', undefined],
      ],
    );
    assert.deepEqual(sizeOf(holdOut.manifest), { positives: 2, negatives: 1 });
    assert.equal(sizeOf({ ...holdOut.manifest, classes: ['a', 'b', 'c'] }), null);
  });

  it('never hands out a bag that has changed or is gone, and names it', async () => {
    const { holdOut } = await read();
    await bags.put('bags/x1.npy', Buffer.alloc(100, 'other'));
    await assert.rejects(verifyHoldOut(holdOut, quietly), /the hold-out has changed: its sha256 is/);
    await assert.rejects(holdOut.store.get('bags/x1.npy'), /the hold-out has changed/);
    await bags.delete('bags/x1.npy');
    await assert.rejects(holdOut.store.get('bags/x1.npy'), (thrown) => codeOf(thrown) === 'bag-missing');
    assert.equal((await holdOut.store.get('bags/x0.npy')).bytes.length, 100);
  });

  it('is refused when its own file has changed', async () => {
    const { cron } = await read();
    const key = holdOutFile('slides', cron.holdOut.sha256);
    const { bytes } = await runs.get(key);
    await runs.put(key, Buffer.concat([bytes, Buffer.from(' ')]));
    await assert.rejects(readHoldOut(runs, cron, bags), /the hold-out has changed: its sha256 is/);
  });

  it('has bags of each class, each as long as the manifest says', async () => {
    await assert.rejects(pin(manifest.bags.slice(0, 1)), /no bag of the class yes/);
    await assert.rejects(pin([]), /no bag of the class no/);
    await bags.put('bags/x2.npy', Buffer.alloc(99));
    await assert.rejects(pin(), (thrown) => codeOf(thrown) === 'bag-truncated');
  });
});
