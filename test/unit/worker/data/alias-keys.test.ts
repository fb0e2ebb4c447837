/** Aliases of a pseudonymized dataset's objects: they say what readers take from names, and nothing else. */
import assert from 'node:assert/strict';
import type { BagPart, DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { aliasKeys } from '@bagfleet/worker/data/alias-keys';
import { slidesOf } from '@bagfleet/worker/data/graph/slides-of';
import { coordsOfName } from '@bagfleet/worker/data/tiles/tile-names';
import { AliasStore } from '@bagfleet/worker/storage/alias-store';
import fc from 'fast-check';
import { MemoryStore } from '../../../support/memory-store.js';

function manifestOf(bags: readonly (readonly string[])[]): DatasetManifest {
  const part = (key: string): BagPart => ({ key, bytes: 9, instances: 1 });
  return {
    ...{ schemaVersion: 1, name: 'd', instanceShape: [3], classes: ['a', 'b'], pseudonymized: true },
    bags: bags.map((keys, i) => ({
      ...{ id: `b-${i}`, label: 0, split: 'train' },
      ...(keys.length === 1
        ? part(keys[0])
        : { key: 'Jane/', bytes: 9 * keys.length, instances: keys.length, parts: keys.map(part) }),
    })),
  };
}

const names = fc.constantFrom('Jane Roe', 'x_12_y_34', '7_9', 'tile', 's1_x1024_y2048', 'Jane_x_1_y_2');
const key = fc
  .tuple(
    fc.constantFrom('', 'Jane/', 'John/Roe/'),
    names,
    fc.nat(99),
    fc.constantFrom('.png', '.h5', '.JPG', '.npy'),
  )
  .map(([folder, name, n, ending]) => `${folder}${n}-${name}${ending}`);
const bagsOfKeys = fc.array(fc.uniqueArray(key, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
});

describe('aliases of objects', () => {
  it('are names of their own, with ending, slide and place, and lead back', () => {
    fc.assert(
      fc.property(bagsOfKeys, (bags) => {
        const { manifest, keys } = aliasKeys(manifestOf(bags));
        assert.equal(keys.size, bags.flat().length);
        assert.ok(!JSON.stringify(manifest).match(/Jane|John|Roe|tile|s1/));
        for (const [i, bag] of manifest.bags.entries()) {
          const parts = bag.parts ?? [bag];
          assert.deepEqual(
            parts.map((part) => keys.get(part.key)),
            bags[i],
          );
          for (const [place, part] of parts.entries()) {
            assert.ok(part.key.startsWith(`${bag.id}/`));
            assert.deepEqual(coordsOfName(part.key), coordsOfName(bags[i][place]));
          }
          const offsets = [...parts.keys(), parts.length];
          const real = bags[i].map((key) => ({ key, bytes: 9, instances: 1 }));
          assert.deepEqual(slidesOf(parts, offsets), slidesOf(real, offsets));
        }
      }),
    );
  });

  it('take what lies beside a file along', () => {
    const { bags, ...head } = manifestOf([['Jane.h5']]);
    const beside = { coords: { key: 'Jane.coords.npy', bytes: 1 }, edges: { key: 'adj/Jane.npz', bytes: 2 } };
    const { manifest, keys } = aliasKeys({ ...head, bags: [{ ...bags[0], ...beside }] });
    const [bag] = manifest.bags;
    assert.equal(keys.get(bag.coords?.key ?? ''), 'Jane.coords.npy');
    assert.equal(keys.get(bag.edges?.key ?? ''), 'adj/Jane.npz');
    assert.ok(bag.edges?.key.endsWith('.npz'));
  });

  it('are the only keys that their store knows', async () => {
    const below = new MemoryStore();
    for (const name of ['Jane.h5', 'other']) below.objects.set(name, Uint8Array.of(1, 2, 3));
    const store = new AliasStore(below, new Map([['b-0/0/0.h5', 'Jane.h5']]));
    assert.deepEqual([...(await store.get('b-0/0/0.h5')).bytes], [1, 2, 3]);
    assert.equal((await store.head('b-0/0/0.h5'))?.key, 'b-0/0/0.h5');
    assert.equal(await store.head('Jane.h5'), null);
    await assert.rejects(store.get('Jane.h5'), { code: 'store-missing' });
    const listed: string[] = [];
    for await (const { key: name } of store.list('')) listed.push(name);
    assert.deepEqual(listed, ['b-0/0/0.h5']);
  });
});
