import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CounterRng } from '@bagfleet/proto';
import { NO_CACHE } from '@bagfleet/worker/data/disk-cache/object-cache';
import { fetchObject } from '@bagfleet/worker/data/fetch-object';
import { MemoryContentRecord } from '@bagfleet/worker/data/integrity/content-record';
import fc from 'fast-check';
import { GarblingStore } from '../../../support/garbling-store.js';

const KEY = 'bags/b7.npy';
const FILE = { bag: 'b7', file: KEY };
const CONTENT = Uint8Array.from({ length: 5 << 20 }, (_, i) => (i * 2654435761) >>> 13); // two pieces
const digestOf = (name: string) => createHash(name).update(CONTENT).digest('hex');
const CHECKSUMS = [
  `sha256:${digestOf('sha256')}`,
  `crc32:${crc32(CONTENT).toString(16).padStart(8, '0')}`,
] as const;

function storeOf(garbles: (nth: number) => boolean, etag: string | null = null): GarblingStore {
  const store = new GarblingStore(garbles);
  store.objects.set(KEY, CONTENT);
  store.etag = etag;
  return store;
}

function fetch(
  store: GarblingStore,
  over: { checksum?: string; etag?: string } = {},
  record = new MemoryContentRecord(),
) {
  return fetchObject({ store, record, cache: NO_CACHE }, { key: KEY, bytes: CONTENT.length, ...over }, FILE);
}

const isRight = (bytes: Uint8Array) => assert.ok(Buffer.compare(bytes, CONTENT) === 0, 'another content');

describe('fetch an object', () => {
  it('reads it once where something confirms it', async () => {
    const md5 = storeOf(() => false, `"${digestOf('md5')}"`);
    isRight(await fetch(md5));
    assert.equal(md5.reads, 1);
    for (const checksum of CHECKSUMS) {
      const store = storeOf(() => false, '"opaque"');
      isRight(await fetch(store, { checksum }));
      assert.equal(store.reads, 1);
    }
  });

  it('reads it twice where nothing does, and once when it was recorded', async () => {
    const store = storeOf(() => false, `"${'0'.repeat(32)}"`); // looks like an MD5, as under a KMS key
    const record = new MemoryContentRecord();
    isRight(await fetch(store, {}, record));
    assert.equal(store.reads, 3, 'whole, then two pieces');
    assert.equal(record.found(KEY, store.etag ?? ''), digestOf('sha256'));
    isRight(await fetch(store, {}, record));
    assert.equal(store.reads, 4);
  });

  it('gives the content through a link that garbles one answer in ten, whatever is known of it', async () => {
    const known = fc.constantFrom('nothing', 'md5', 'kms', ...CHECKSUMS);
    await fc.assert(
      fc.asyncProperty(known, fc.nat(), async (evidence, seed) => {
        const garbled = new CounterRng(seed, ['garbled']).uniform(64).map((value) => (value < 0.1 ? 1 : 0));
        const etags: Record<string, string> = { md5: `"${digestOf('md5')}"`, kms: `"${'0'.repeat(32)}"` };
        const store = storeOf((nth) => garbled[nth] === 1, etags[evidence] ?? '"opaque"');
        const checksum = evidence.includes(':') ? { checksum: evidence } : {};
        isRight(await fetch(store, checksum));
      }),
      { numRuns: 40 },
    );
  });

  it('names what was expected when two reads agree on another content', async () => {
    const store = storeOf(() => false);
    await assert.rejects(fetch(store, { checksum: `sha256:${'0'.repeat(64)}` }), {
      code: 'bag-changed',
      culprit: 'bag b7, file bags/b7.npy',
      message: `its sha256 is ${digestOf('sha256')} in two reads, the manifest says ${'0'.repeat(64)}`,
    });
    const record = new MemoryContentRecord();
    record.record(KEY, '"v1"', '1'.repeat(64));
    await assert.rejects(
      fetch(
        storeOf(() => false, '"v1"'),
        {},
        record,
      ),
      {
        code: 'bag-changed',
        message: /an earlier read of this run found 1{64}/,
      },
    );
  });

  it('refuses another version than the manifest names, unless its checksum is right', async () => {
    const store = storeOf(() => false);
    await assert.rejects(fetch(store, { etag: 'of-yesterday' }), { code: 'bag-changed' });
    isRight(await fetch(store, { etag: 'of-yesterday', checksum: CHECKSUMS[0] }));
  });

  it('gives up on a link that garbles everything', async () => {
    await assert.rejects(fetch(storeOf(() => true)), {
      code: 'store-unavailable',
      culprit: 'bag b7, file bags/b7.npy',
      message: /8 reads of a piece/,
    });
  });

  it('a file that is longer than the manifest says is not read at all', async () => {
    const store = storeOf(() => false);
    const object = { key: KEY, bytes: 9 };
    await assert.rejects(
      fetchObject({ store, record: new MemoryContentRecord(), cache: NO_CACHE }, object, FILE),
      { code: 'bag-format' },
    );
    assert.equal(store.reads, 0);
  });
});
