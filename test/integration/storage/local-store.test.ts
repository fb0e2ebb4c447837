/** What a local folder has beyond the contract: permissions, links, leftovers, and turns that nobody ends. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeDraft } from '@bagfleet/worker/storage/local-draft';
import { LocalStore } from '@bagfleet/worker/storage/local-store';
import { turnFolder } from '@bagfleet/worker/storage/local-turn';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { tempFolder } from '../../support/temp-folder.js';
import { rejectsWith } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

const text = (value: string) => new TextEncoder().encode(value);
const NOBODY = 65_534;

describe('local store, beyond the contract', () => {
  const folder = tempFolder();
  const root = () => join(folder.path, 'store');

  it('is made by the first put, and by nothing else', async () => {
    const store = new LocalStore(root());
    assert.equal(await store.head('a'), null);
    assert.deepEqual(await keysOf(store), []);
    assert.deepEqual(await store.folders(''), []);
    await store.delete('a');
    await rejectsWith(store.get('a'), 'store-missing', join(root(), 'a'));
    assert.equal(existsSync(root()), false);
    await store.put('a', text('1'));
    assert.deepEqual(readdirSync(root()), ['a']);
  });

  it('leaves neither working files nor empty folders', async () => {
    const store = new LocalStore(root());
    await store.put('x/y/z', text('1'));
    await store.put('x/y/z', text('2'));
    await store.put('x/w', text('3'), { ifAbsent: true });
    await assert.rejects(store.put('x/w', text('4'), { ifAbsent: true }));
    await assert.rejects(store.put('x/w', text('4'), { ifMatch: 'other' }));
    assert.deepEqual(readdirSync(root(), { recursive: true }).sort(), ['x', 'x/w', 'x/y', 'x/y/z']);
    await store.delete('x/y/z');
    assert.deepEqual(readdirSync(root(), { recursive: true }).sort(), ['x', 'x/w']);
    await store.delete('x/w');
    assert.deepEqual(readdirSync(root()), [], 'the root itself stays');
  });

  it('survives deletes of the last object while others are put beside it', async () => {
    const store = new LocalStore(root());
    for (let i = 0; i < 30; i++) {
      await store.put('f/old', text('1'));
      await Promise.all([store.delete('f/old'), store.put('f/new', text('2'))]);
      assert.deepEqual(await keysOf(store), ['f/new']);
      await store.delete('f/new');
    }
  });

  it('opens paths of all spellings', async () => {
    const store = async (uri: string) => (await openStore(uri, plainOptions())).uri;
    assert.equal(await store(folder.path), folder.path);
    assert.equal(await store(`${folder.path}/`), folder.path);
    assert.equal(await store(relative(process.cwd(), folder.path)), folder.path);
    assert.equal(await store(pathToFileURL(folder.path).href), folder.path);
    assert.equal(await store('~/bags'), join(homedir(), 'bags'));
  });

  it('says that it may not write, and leaves nothing', async () => {
    mkdirSync(root());
    chmodSync(root(), 0o555);
    await asNobody(async () => {
      const store = new LocalStore(root());
      await rejectsWith(store.put('a', text('1')), 'store-denied', join(root(), 'a'));
      await rejectsWith(store.put('b/c', text('1')), 'store-denied', join(root(), 'b/c'));
    });
    assert.deepEqual(readdirSync(root()), []);
    chmodSync(root(), 0o755);
  });

  it('says that it may not read', async () => {
    const store = new LocalStore(root());
    await store.put('secret', text('1'));
    chmodSync(join(root(), 'secret'), 0o000);
    await asNobody(() => rejectsWith(store.get('secret'), 'store-denied', join(root(), 'secret')));
  });

  it('says that an object cannot be a folder, too', async () => {
    const store = new LocalStore(root());
    await store.put('a', text('1'));
    await rejectsWith(store.put('a/b', text('2')), 'store-denied', join(root(), 'a/b'));
    await store.put('c/d', text('3'));
    await rejectsWith(store.put('c', text('4')), 'store-denied', join(root(), 'c'));
    await rejectsWith(store.get('c'), 'store-missing', join(root(), 'c'));
    assert.equal(await store.head('c'), null);
    await store.delete('c');
    assert.deepEqual(await keysOf(store), ['a', 'c/d']);
  });

  it('follows links to bags elsewhere, but not round in circles', async () => {
    const elsewhere = join(folder.path, 'elsewhere');
    mkdirSync(join(elsewhere, 'deep'), { recursive: true });
    writeFileSync(join(elsewhere, 'deep', 'bag'), 'x');
    mkdirSync(root());
    symlinkSync(elsewhere, join(root(), 'linked'));
    symlinkSync(root(), join(root(), 'self'));
    symlinkSync(join(root(), 'gone'), join(root(), 'dangling'));
    const store = new LocalStore(root());
    assert.deepEqual(await keysOf(store), ['linked/deep/bag']);
    assert.deepEqual(await store.folders(''), ['linked']);
  });

  it('sees a change that was made by hand', async () => {
    const store = new LocalStore(root());
    const { etag } = await store.put('a', text('1'));
    writeFileSync(join(root(), 'a'), '2');
    await rejectsWith(store.put('a', text('3'), { ifMatch: etag }), 'store-conflict');
    assert.equal(readFileSync(join(root(), 'a'), 'utf8'), '2');
  });

  it('sweeps what killed processes left more than an hour ago, and nothing younger', async () => {
    mkdirSync(root());
    const old = await writeDraft(root(), text('old'));
    const young = await writeDraft(root(), text('young'));
    const past = Date.now() / 1000 - 3_700;
    utimesSync(old.folder, past, past);
    await new LocalStore(root()).put('a', text('1'));
    assert.equal(existsSync(old.folder), false);
    assert.equal(existsSync(young.folder), true);
  });

  describe('turns', () => {
    const patience = { brokenAfterMs: 150, giveUpAfterMs: 10_000 };

    it('that a killed process holds are ended by the next one', async () => {
      const store = new LocalStore(root(), patience);
      const { etag } = await store.put('k', text('1'));
      await holdTurn('k', root());
      await store.put('k', text('2'), { ifMatch: etag });
      assert.deepEqual(readdirSync(root()), ['k']);
      assert.equal(readFileSync(join(root(), 'k'), 'utf8'), '2');
    });

    it('that a live process holds are waited for, and then the wait has an end', async () => {
      const store = new LocalStore(root(), { brokenAfterMs: 60_000, giveUpAfterMs: 150 });
      await store.put('k', text('1'));
      await holdTurn('k', root());
      await rejectsWith(store.put('k', text('2')), 'store-unavailable', join(root(), 'k'));
      assert.equal(readFileSync(join(root(), 'k'), 'utf8'), '1');
    });

    it('can be taken from a slow holder without losing a write', async () => {
      // brokenAfterMs 0: each ends the others' turns at sight, as if all of them had been asleep.
      const stores = Array.from(
        { length: 4 },
        () => new LocalStore(root(), { brokenAfterMs: 0, giveUpAfterMs: 60_000 }),
      );
      await stores[0].put('count', text('0'));
      const add = async (store: ObjectStore, times: number) => {
        for (let done = 0; done < times; ) {
          const { bytes, etag } = await store.get('count');
          const next = String(Number(Buffer.from(bytes).toString()) + 1);
          const won = await store.put('count', text(next), { ifMatch: etag }).then(
            () => true,
            (error: { code?: string }) => {
              assert.equal(error.code, 'store-conflict');
              return false;
            },
          );
          if (won) done++;
        }
      };
      await Promise.all(stores.map((store) => add(store, 15)));
      assert.equal(readFileSync(join(root(), 'count'), 'utf8'), '60');
      assert.deepEqual(readdirSync(root()), ['count']);
    });
  });
});

/** Takes the turn of `key` as a process does that is killed before it publishes. */
async function holdTurn(key: string, folder: string): Promise<void> {
  const draft = await writeDraft(folder, text('half done'));
  renameSync(draft.folder, turnFolder(join(folder, key)));
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

/** File permissions do not bind root, who runs tests in containers: so the work is done as nobody. */
async function asNobody(work: () => Promise<unknown>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
