import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CacheEntry,
  clearCache,
  entriesOf,
  entriesToDrop,
} from '@bagfleet/worker/data/disk-cache/cache-folder';
import { DiskCache } from '@bagfleet/worker/data/disk-cache/disk-cache';
import { fetchObject } from '@bagfleet/worker/data/fetch-object';
import { MemoryContentRecord } from '@bagfleet/worker/data/integrity/content-record';
import fc from 'fast-check';
import { GarblingStore } from '../../../../support/garbling-store.js';
import { tempFolder } from '../../../../support/temp-folder.js';

const PLACE = 'http://127.0.0.1:9000 s3://bags/slides';
const contentOf = (seed: number, bytes = 1000) =>
  Uint8Array.from({ length: bytes }, (_, i) => (seed * 31 + i * 7) % 256);

describe('the disk cache', () => {
  const temp = tempFolder();
  const said: string[] = [];
  const open = (limit = 1e6, place = PLACE) =>
    new DiskCache({ folder: join(temp.path, 'cache'), limit, place, say: (line) => said.push(line) });
  const files = () =>
    readdirSync(join(temp.path, 'cache'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  it('gives back what it was given: that key, that version, that store', async () => {
    const cache = open();
    await cache.put('a.npy', 'v1', contentOf(1));
    await cache.settled();
    assert.deepEqual(await cache.get('a.npy', 'v1', 1000), contentOf(1));
    assert.deepEqual(await open().get('a.npy', 'v1', 1000), contentOf(1), 'also to another worker');
    assert.equal(await cache.get('a.npy', 'v2', 1000), null);
    assert.equal(await cache.get('b.npy', 'v1', 1000), null);
    assert.equal(await open(1e6, 'https://elsewhere s3://bags/slides').get('a.npy', 'v1', 1000), null);
  });

  it('keeps files to oneself, with names that tell nothing', async () => {
    const cache = open();
    await cache.put('Jane Doe.npy', 'v1', contentOf(1));
    await cache.settled();
    const [file] = files();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(file, /\/[0-9a-f]{2}\/[0-9a-f]{64}\.bag$/);
  });

  it('drops an entry that is damaged anywhere, cut or grown', async () => {
    const cache = open();
    await cache.put('a.npy', 'v1', contentOf(1));
    await cache.settled();
    const [file] = files();
    const whole = readFileSync(file);
    const damages = fc.oneof(
      fc.nat(whole.length - 1).map((at) => whole.map((value, i) => (i === at ? value ^ 1 : value))),
      fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
      fc.constant(Buffer.concat([whole, Buffer.of(0)])),
    );
    await fc.assert(
      fc.asyncProperty(damages, async (damaged) => {
        writeFileSync(file, damaged);
        assert.equal(await cache.get('a.npy', 'v1', 1000), null);
        assert.deepEqual(files(), []);
      }),
      { numRuns: 40 },
    );
    assert.deepEqual(said, []);
  });

  it('stays within its limit, least recently used out first', async () => {
    const cache = open(10_000);
    for (let i = 0; i < 9; i++) {
      await cache.put(`${i}`, 'v', contentOf(i));
      await cache.settled();
      const newest = files()
        .map((file) => [file, statSync(file).mtimeMs] as const)
        .sort(([, a], [, b]) => b - a)[0][0];
      utimesSync(newest, 1000 + i, 1000 + i);
    }
    assert.ok(await cache.get('0', 'v', 1000), 'used again');
    await cache.put('large', 'v', contentOf(9, 3000));
    await cache.settled();
    const there = await Promise.all(
      Array.from({ length: 9 }, async (_, i) => ((await open().get(`${i}`, 'v', 1000)) ? i : -1)),
    );
    assert.deepEqual(
      there.filter((i) => i >= 0),
      [0, 4, 5, 6, 7, 8],
    );
    const bytes = (await entriesOf(join(temp.path, 'cache'))).reduce((sum, entry) => sum + entry.bytes, 0);
    assert.ok(bytes <= 10_000, `${bytes} bytes`);
    await cache.put('too large', 'v', contentOf(10, 9_900));
    assert.equal(await cache.get('too large', 'v', 9_900), null);
  });

  it('is shared by writers of the same and of other entries at the same time, and leaves nothing behind', async () => {
    const caches = Array.from({ length: 4 }, () => open(20_000));
    await Promise.all(
      caches.map(async (cache, worker) => {
        for (let i = 0; i < 20; i++) {
          const key = `${(i + worker * 3) % 10}`;
          const kept = await cache.get(key, 'v', 1000);
          if (kept) assert.deepEqual(kept, contentOf(Number(key)));
          else await cache.put(key, 'v', contentOf(Number(key)));
        }
        await cache.settled();
      }),
    );
    assert.equal(files().filter((file) => !file.endsWith('.bag')).length, 0);
    assert.deepEqual(said, []);
  });

  it('drops what is longest unused, and unfinished writes that nobody ends', () => {
    const entry = (bytes: number, lastUsed: number, unfinished = false): CacheEntry => ({
      path: `${lastUsed}`,
      bytes,
      lastUsed,
      unfinished,
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(99)), { maxLength: 9 }),
        fc.nat(40),
        (list, limit) => {
          const entries = list.map(([bytes, used]) => entry(bytes, used));
          const dropped = entriesToDrop(entries, limit, 100);
          const kept = entries.filter((one) => !dropped.includes(one));
          const sum = (some: readonly CacheEntry[]) => some.reduce((total, { bytes }) => total + bytes, 0);
          assert.ok(sum(kept) <= limit);
          for (const one of dropped) for (const other of kept) assert.ok(one.lastUsed <= other.lastUsed);
          const last = dropped.at(-1);
          if (last) assert.ok(sum(kept) + last.bytes > limit, 'and no more than it must');
        },
      ),
    );
    const hour = 60 * 60 * 1000;
    const [old, young] = [entry(1, 0, true), entry(1, hour, true)];
    assert.deepEqual(entriesToDrop([old, young], 100, hour + 1), [old]);
  });

  it('is emptied, and what else lies there stays', async () => {
    const cache = open();
    await cache.put('a', 'v', contentOf(1));
    await cache.settled();
    writeFileSync(join(temp.path, 'cache', 'notes.txt'), 'mine');
    assert.deepEqual(await clearCache(join(temp.path, 'cache')), { entries: 1, bytes: 1008 });
    assert.deepEqual(readdirSync(join(temp.path, 'cache')), ['notes.txt']);
    assert.deepEqual(await clearCache(join(temp.path, 'nowhere')), { entries: 0, bytes: 0 });
  });

  it('a folder that cannot be written is said once, and bags come from the store', async () => {
    if (process.getuid?.() === 0) writeFileSync(join(temp.path, 'cache'), 'a file in its place');
    else chmodSync(temp.path, 0o500);
    const cache = open();
    for (let i = 0; i < 3; i++) {
      assert.equal(await cache.get('a', 'v', 9), null);
      await cache.put('a', 'v', contentOf(1, 9));
    }
    await cache.settled();
    chmodSync(temp.path, 0o700);
    assert.equal(said.length, 1);
    assert.match(said[0], /^the disk cache in .* does not work: /);
  });

  it('saves the way to the store, and takes in only what was checked', async () => {
    const content = contentOf(3, 5000);
    const store = new GarblingStore((nth) => nth === 1);
    store.objects.set('a.npy', content);
    const source = { store, record: new MemoryContentRecord(), cache: open() };
    const read = () => fetchObject(source, { key: 'a.npy', bytes: 5000 }, { bag: 'a', file: 'a.npy' });
    assert.deepEqual(await read(), content);
    await source.cache.settled();
    const { reads } = store;
    assert.ok(Buffer.compare(await read(), content) === 0);
    assert.equal(store.reads, reads);
  });
});
