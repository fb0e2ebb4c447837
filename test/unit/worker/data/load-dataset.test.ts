/** A second manifest whose bags validate: one dataset out of two places, or a clear refusal. */
import assert from 'node:assert/strict';
import { bagsOfSplit, type DatasetManifest, type Split } from '@bagfleet/proto';
import { type ObjectEntry, objectsOf } from '@bagfleet/proto/dataset-manifest';
import { loadDataset } from '@bagfleet/worker/data/load-dataset';
import { MemoryStore } from '../../../support/memory-store.js';

function manifestOf(
  bags: readonly [id: string, split: Split][],
  facts: Partial<DatasetManifest> = {},
): DatasetManifest {
  return {
    schemaVersion: 1,
    name: 'd',
    instanceShape: [4],
    classes: ['a', 'b'],
    bags: bags.map(([id, split]) => ({ id, key: `${id}.npy`, bytes: 3, instances: 1, label: 0, split })),
    ...facts,
  };
}

describe('loadDataset', () => {
  const stores = new Map<string, MemoryStore>();

  async function place(folder: string, manifest: DatasetManifest): Promise<void> {
    const store = new MemoryStore(folder);
    await store.put('manifest.json', Buffer.from(JSON.stringify(manifest)));
    for (const { id } of manifest.bags) await store.put(`${id}.npy`, Buffer.from(folder));
    stores.set(folder, store);
  }

  function load(validation: string | null) {
    return loadDataset(
      { manifest: 'main', validation, folder: null, labelMap: null },
      (uri) => stores.get(uri) as MemoryStore,
    );
  }

  beforeEach(async () => {
    stores.clear();
    await place(
      'main',
      manifestOf([
        ['t0', 'train'],
        ['v0', 'val'],
        ['x0', 'test'],
      ]),
    );
    await place(
      'other',
      manifestOf([
        ['v0', 'train'],
        ['v1', 'test'],
      ]),
    );
  });

  it('without one, is the manifest itself', async () => {
    const { manifest, store } = await load(null);
    assert.deepEqual(
      manifest.bags.map(({ id, split }) => [id, split]),
      [
        ['t0', 'train'],
        ['v0', 'val'],
        ['x0', 'test'],
      ],
    );
    store.close();
  });

  it('reads the bags from another folder than the manifest if the job says so', async () => {
    const open = (uri: string) => stores.get(uri) as MemoryStore;
    await place('apart', manifestOf([['t0', 'train']]));
    const { manifest, store, uri } = await loadDataset(
      { manifest: 'main', validation: 'other', folder: 'apart', labelMap: null },
      open,
    );
    assert.equal(uri, 'main/manifest.json');
    const contentOf = async (place: number) =>
      String(Buffer.from((await store.get(manifest.bags[place].key)).bytes));
    assert.deepEqual([await contentOf(0), await contentOf(2)], ['apart', 'other']);
    assert.ok(stores.get('main')?.closed);
    store.close();
    assert.ok(stores.get('apart')?.closed);
  });

  it("takes all of the other's bags to validate, and reads each from its own place", async () => {
    const { manifest, store, digest } = await load('other');
    const ids = (split: Split) => bagsOfSplit(manifest, split, null).map((index) => manifest.bags[index].id);
    assert.deepEqual([ids('train'), ids('val'), ids('test')], [['t0'], ['v0', 'v1'], ['x0']]);
    const contents = await Promise.all(
      manifest.bags.map(async ({ key }) => String(Buffer.from((await store.get(key)).bytes))),
    );
    assert.deepEqual(contents, ['main', 'main', 'other', 'other']);
    assert.notEqual(digest, (await load(null)).digest);
    store.close();
    assert.ok(stores.get('main')?.closed && stores.get('other')?.closed, 'closes both');
  });

  it("reads all files of the other's bags from there: those of many parts, and what lies beside them", async () => {
    const object = (key: string) => ({ key, bytes: 3 });
    const part = { ...object('p0.png'), instances: 1, coords: object('p0-coords.npy') };
    const [bag] = manifestOf([['v1', 'val']]).bags;
    const whole = { ...bag, parts: [part], instanceLabels: object('v1-labels.npy') };
    await place('other', manifestOf([], { bags: [whole] }));
    const { manifest, store } = await load('other');
    const other = stores.get('other') as MemoryStore;
    const joined = manifest.bags[2];
    const keys = [...objectsOf(joined), joined.instanceLabels as ObjectEntry].map(({ key }) => key);
    for (const key of ['p0.png', 'p0-coords.npy', 'v1-labels.npy']) await other.put(key, Buffer.from(key));
    const contents = await Promise.all(
      keys.map(async (key) => String(Buffer.from((await store.get(key)).bytes))),
    );
    assert.deepEqual(contents, ['p0.png', 'p0-coords.npy', 'v1-labels.npy']);
    store.close();
  });

  for (const [what, manifest, message] of [
    ['another width', manifestOf([['v1', 'val']], { instanceShape: [5] }), /instances of \[5\]/],
    ['other classes', manifestOf([['v1', 'val']], { classes: ['b', 'a'] }), /classes b,a/],
    ['a bag that also trains', manifestOf([['t0', 'val']]), /holds bag t0/],
  ] as const)
    it(`refuses ${what}, and leaves no store open`, async () => {
      await place('other', manifest);
      await assert.rejects(load('other'), {
        code: 'manifest-invalid',
        message,
        culprit: 'other/manifest.json',
      });
      assert.ok(stores.get('main')?.closed && stores.get('other')?.closed);
    });
});
