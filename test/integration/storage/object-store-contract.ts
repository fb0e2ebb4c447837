/**
 * What every object store must do. Each adapter's test file runs this suite against a real store.
 * In: where the store under test lies. Out: mocha tests in the surrounding `describe`.
 */
import assert from 'node:assert/strict';
import type { ErrorCode } from '@bagfleet/proto/errors';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { ObjectStore, StoredObject } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { StoreAccess } from '@bagfleet/worker/storage/store-uri';
import fc from 'fast-check';
import { killAfter, race, startRacer } from './racers.js';

export interface StoreUnderTest {
  /** The suite works below it, in a new prefix for each test. */
  readonly uri: string;
  readonly options: StoreAccess;
}

const text = (value: string) => new TextEncoder().encode(value);
const read = async (store: ObjectStore, key: string) => Buffer.from((await store.get(key)).bytes).toString();

export function objectStoreContract(target: StoreUnderTest): void {
  let count = 0;
  let uri: string;
  let store: ObjectStore;

  beforeEach(async () => {
    uri = `${target.uri}/test-${++count}`;
    store = await openStore(uri, target.options);
  });
  afterEach(() => store.close());

  describe('objects', () => {
    it('gives back what was put, with one etag everywhere', async () => {
      const put = await store.put('a/b.bin', text('hello'));
      assert.deepEqual(put, { key: 'a/b.bin', bytes: 5, etag: put.etag });
      assert.deepEqual(await store.head('a/b.bin'), put);
      assert.deepEqual(await listed(store, ''), [put]);
      const got = await store.get('a/b.bin');
      assert.equal(got.etag, put.etag);
      assert.deepEqual(Buffer.from(got.bytes).toString(), 'hello');
      assert.equal(got.bytes.byteOffset, 0, 'so that it can be viewed as floats');
    });

    it('says that an object is missing, and which', async () => {
      await store.put('there', text('x'));
      await rejectsWith(store.get('not/there'), 'store-missing', `${uri}/not/there`);
      await rejectsWith(store.get('there/below'), 'store-missing', `${uri}/there/below`);
      assert.equal(await store.head('there/below'), null);
      assert.equal(await store.head('not/there'), null);
      assert.equal(await store.head('ther'), null);
      await store.delete('not/there');
    });

    it('keeps empty objects', async () => {
      await store.put('empty', new Uint8Array(0));
      assert.equal((await store.get('empty')).bytes.length, 0);
      assert.equal((await store.head('empty'))?.bytes, 0);
    });

    it('replaces an object, and its etag with it', async () => {
      const first = await store.put('k', text('one'));
      const second = await store.put('k', text('two'));
      assert.notEqual(second.etag, first.etag);
      assert.equal(await read(store, 'k'), 'two');
    });

    it('gives every version another etag, however fast they follow one another', async () => {
      const etags = new Set<string>();
      for (let i = 0; i < 50; i++) etags.add((await store.put('k', text(`version ${i + 10}`))).etag);
      assert.equal(etags.size, 50);
    });

    it('deletes', async () => {
      await store.put('x/y/z', text('1'));
      await store.delete('x/y/z');
      assert.equal(await store.head('x/y/z'), null);
      assert.deepEqual(await listed(store, ''), []);
      assert.deepEqual(await store.folders(''), []);
    });

    it('is the same through a store of the folder above', async () => {
      const above = await openStore(target.uri, target.options);
      await store.put('in/it', text('seen'));
      assert.equal(await read(above, `test-${count}/in/it`), 'seen');
      above.close();
    });

    it('keeps 30 MB and gives any part of them', async function () {
      this.timeout(60_000);
      const bytes = new Uint8Array(30 << 20);
      for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2654435761) >>> 24;
      await store.put('large', bytes);
      const got = await store.get('large');
      assert.ok(Buffer.from(got.bytes.buffer).equals(bytes));
      const part = await store.get('large', { range: { start: (9 << 20) + 1, length: 12 << 20 } });
      assert.ok(Buffer.from(part.bytes.buffer).equals(bytes.subarray((9 << 20) + 1, (21 << 20) + 1)));
    });
  });

  describe('ranges', () => {
    it('are slices of the object, also past its end', async () => {
      const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
      await store.put('hundred', bytes);
      const ranges = fc.record({ start: fc.nat(150), length: fc.nat(150) });
      const edges = [
        [0, 0],
        [0, 1],
        [99, 1],
        [99, 5],
        [100, 1],
        [100, 0],
        [5000, 10],
        [0, 100],
        [0, 101],
      ] as const;
      await fc.assert(
        fc.asyncProperty(ranges, async (range) => {
          const { bytes: got } = await store.get('hundred', { range });
          assert.deepEqual([...got], [...bytes.subarray(range.start, range.start + range.length)]);
        }),
        {
          numRuns: 30,
          examples: edges.map(([start, length]): [{ start: number; length: number }] => [{ start, length }]),
        },
      );
    });

    it('of a missing object are an error', async () => {
      for (const length of [0, 5])
        await rejectsWith(store.get('no', { range: { start: 3, length } }), 'store-missing', `${uri}/no`);
    });

    it('of an empty object are empty', async () => {
      await store.put('empty', new Uint8Array(0));
      assert.equal((await store.get('empty', { range: { start: 0, length: 4 } })).bytes.length, 0);
    });
  });

  describe('reads into memory that is given', () => {
    const bytes = Uint8Array.from({ length: 20 << 20 }, (_, i) => (i * 2654435761) >>> 24);

    it('fill it, whole and in part, and say which version it is', async () => {
      const { etag } = await store.put('large', bytes);
      const whole = new Uint8Array(new SharedArrayBuffer(bytes.length));
      assert.deepEqual(await store.readInto('large', whole), { etag });
      assert.ok(Buffer.from(whole).equals(bytes));
      const part = new Uint8Array(new SharedArrayBuffer(9 << 20), 100, (9 << 20) - 200).fill(7);
      assert.deepEqual(await store.readInto('large', part, { start: 12_345, ifMatch: etag }), { etag });
      assert.ok(Buffer.from(part).equals(bytes.subarray(12_345, 12_345 + part.length)));
      const around = new Uint8Array(part.buffer);
      assert.ok(
        around.subarray(0, 100).every((byte) => byte === 0) && around.subarray(-100).every((b) => b === 0),
      );
    });

    it('fill many at once', async () => {
      const small = Array.from({ length: 40 }, (_, i) => bytes.subarray(i * 1000, i * 1000 + 1 + i * 997));
      await inParallel(8, [...small.keys()], (i) => store.put(`small/${i}`, small[i] as Uint8Array));
      await Promise.all(
        small.map(async (content, i) => {
          const into = new Uint8Array(content.length);
          await store.readInto(`small/${i}`, into);
          assert.ok(Buffer.from(into).equals(content), `object ${i}`);
        }),
      );
    });

    it('ask for the version that is wanted', async () => {
      const { etag } = await store.put('k', text('one'));
      const second = await store.put('k', text('two'));
      const into = new Uint8Array(3);
      await rejectsWith(store.readInto('k', into, { ifMatch: etag }), 'store-conflict', `${uri}/k`);
      assert.deepEqual(await store.readInto('k', into, { ifMatch: second.etag }), { etag: second.etag });
      assert.equal(Buffer.from(into).toString(), 'two');
    });

    it('need all that was asked for', async () => {
      const { etag } = await store.put('five', text('12345'));
      await rejectsWith(store.readInto('five', new Uint8Array(6)), 'store-unavailable', `${uri}/five`);
      await rejectsWith(
        store.readInto('five', new Uint8Array(3), { start: 3 }),
        'store-unavailable',
        `${uri}/five`,
      );
      await rejectsWith(
        store.readInto('five', new Uint8Array(3), { start: 9 }),
        'store-unavailable',
        `${uri}/five`,
      );
      assert.deepEqual(await store.readInto('five', new Uint8Array(0), { start: 5 }), { etag });
      await rejectsWith(store.readInto('none', new Uint8Array(3)), 'store-missing', `${uri}/none`);
    });

    it('take odd keys', async () => {
      for (const key of ["a b/c+d%20e!'()*~", 'ümläut/漢字/🧬']) {
        await store.put(key, text(key));
        const into = new Uint8Array(text(key).length);
        await store.readInto(key, into);
        assert.equal(Buffer.from(into).toString(), key);
      }
    });

    it('end with the reason that they were told to stop for', async () => {
      await store.put('k', bytes);
      const reason = new Error('enough');
      const into = new Uint8Array(bytes.length);
      await assert.rejects(store.readInto('k', into, { signal: AbortSignal.abort(reason) }), reason);
      const abort = new AbortController();
      setImmediate(() => abort.abort(reason));
      await assert.rejects(store.readInto('k', into, { signal: abort.signal }), reason);
    });
  });

  describe('keys', () => {
    const odd = [
      'with space/and  two.txt',
      'plus+and%20percent',
      'hash#question?amp&equals=',
      'quote\'double"',
      'ümläut/ñ',
      '漢字/かな',
      'emoji-🧬/x',
      'tilde~!*()',
      'semi;colon:comma,',
      'brackets[1]{2}<3>',
      '$at@',
      'a.b..c',
    ];

    it('may hold spaces, marks and all of Unicode', async () => {
      for (const key of odd) await store.put(key, text(key));
      for (const key of odd) assert.equal(await read(store, key), key);
      assert.deepEqual(
        (await listed(store, '')).map(({ key }) => key),
        inByteOrder(odd),
      );
      for (const key of odd) await store.delete(key);
      assert.deepEqual(await listed(store, ''), []);
    });

    it('that no store could keep are refused before anything happens', async () => {
      const bad = [
        '',
        '/a',
        'a/',
        'a//b',
        '.',
        '..',
        'a/../b',
        './a',
        'a\u0000b',
        'a\nb',
        'a\\b',
        '\ud800',
        '.~x',
        'x'.repeat(256),
        `${'x/'.repeat(512)}y`,
      ];
      for (const key of bad) {
        await rejectsWith(store.put(key, text('x')), 'usage');
        await rejectsWith(store.get(key), 'usage');
        await rejectsWith(store.head(key), 'usage');
        await rejectsWith(store.delete(key), 'usage');
      }
      await rejectsWith(listed(store, '../'), 'usage');
      await rejectsWith(store.folders('a'), 'usage');
      assert.deepEqual(await listed(store, ''), []);
    });
  });

  describe('listings', () => {
    it('hold the keys that begin so, in the order of their bytes', async () => {
      const keys = [
        'a',
        'a/b',
        'a.txt',
        'a0',
        'ab/c',
        'ab/c/d/e',
        'b/a',
        'B',
        'é',
        '\uffee',
        '🧬/1',
        'a/b.c/d',
        'a/b/c',
      ].filter((key, _, all) => !all.some((other) => other.startsWith(`${key}/`)));
      for (const key of keys) await store.put(key, text(key));
      for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b/', 'ab', 'c', 'é', '🧬/'])
        assert.deepEqual(
          (await listed(store, prefix)).map(({ key }) => key),
          inByteOrder(keys.filter((key) => key.startsWith(prefix))),
          `prefix ${prefix}`,
        );
    });

    it('name the folders that have objects below them', async () => {
      for (const key of ['top', 'x/1', 'x/y/2', 'z/deep/er/3', 'é/4']) await store.put(key, text('1'));
      assert.deepEqual(await store.folders(''), ['x', 'z', 'é']);
      assert.deepEqual(await store.folders('x/'), ['y']);
      assert.deepEqual(await store.folders('z/'), ['deep']);
      assert.deepEqual(await store.folders('x/y/'), []);
      assert.deepEqual(await store.folders('nowhere/'), []);
      await store.delete('z/deep/er/3');
      assert.deepEqual(await store.folders(''), ['x', 'é']);
    });

    it('of more than a thousand keys are whole', async function () {
      this.timeout(120_000);
      const keys = Array.from({ length: 1_020 }, (_, i) => `many/bag-${String(i).padStart(5, '0')}.bin`);
      await inParallel(16, keys, (key) => store.put(key, text(key)));
      const found = await listed(store, 'many/');
      assert.deepEqual(
        found.map(({ key }) => key),
        keys,
      );
      assert.deepEqual(new Set(found.map(({ bytes }) => bytes)), new Set([keys[0].length]));
    });
  });

  describe('conditions', () => {
    it('ifAbsent makes an object once', async () => {
      await store.put('k', text('first'), { ifAbsent: true });
      await rejectsWith(store.put('k', text('second'), { ifAbsent: true }), 'store-conflict', `${uri}/k`);
      assert.equal(await read(store, 'k'), 'first');
      await store.delete('k');
      await store.put('k', text('again'), { ifAbsent: true });
    });

    it('ifMatch replaces the version that was read, and no other', async () => {
      const first = await store.put('k', text('1'));
      const second = await store.put('k', text('2'), { ifMatch: first.etag });
      await rejectsWith(store.put('k', text('3'), { ifMatch: first.etag }), 'store-conflict', `${uri}/k`);
      assert.equal(await read(store, 'k'), '2');
      await store.delete('k');
      await rejectsWith(store.put('k', text('4'), { ifMatch: second.etag }), 'store-conflict', `${uri}/k`);
      assert.equal(await store.head('k'), null);
    });

    it('let one of twenty writers at once be first', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => store.put('race', text(`writer ${i}`), { ifAbsent: true })),
      );
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [`writer ${i}`] : []));
      const codes = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [outcome.reason.code] : [],
      );
      assert.deepEqual(winners, [await read(store, 'race')]);
      assert.deepEqual(codes, Array(19).fill('store-conflict'));
    });

    it('let one writer of four processes be first', async function () {
      this.timeout(60_000);
      const wins = await race(4, { uri, options: target.options, task: 'claim', key: 'race', times: 5 });
      assert.deepEqual(wins.flat(), [await read(store, 'race')]);
    });

    it('lose no count of three processes that compare and swap', async function () {
      this.timeout(120_000);
      await store.put('counter', text('0'));
      await race(3, { uri, options: target.options, task: 'count', key: 'counter', times: 10 });
      assert.equal(await read(store, 'counter'), '30');
    });
  });

  describe('half objects', () => {
    const SIZE = 4 << 20;

    it('are never seen while an object is replaced', async function () {
      this.timeout(60_000);
      await store.put('k', new Uint8Array(SIZE).fill(1));
      let writing = true;
      const writer = (async () => {
        for (let fill = 2; fill < 12; fill++) await store.put('k', new Uint8Array(SIZE).fill(fill));
        writing = false;
      })();
      while (writing) assertUniform((await store.get('k')).bytes, SIZE);
      await writer;
    });

    it('are never left by a process that is killed in the middle of a put', async function () {
      this.timeout(120_000);
      for (let i = 0; i < 4; i++) {
        const racer = startRacer({
          uri,
          options: target.options,
          task: 'overwrite',
          key: 'killed',
          bytes: SIZE,
        });
        await killAfter(racer, 1 + (i % 2), i * 7);
        assertUniform((await store.get('killed')).bytes, SIZE);
      }
      // The last request of a killed writer may still be on its way into a remote store: what it brings is
      // whole, too, and the next writer is not stopped by it.
      await store.put('next', text('next'));
      assert.equal(await read(store, 'next'), 'next');
      assertUniform((await store.get('killed')).bytes, SIZE);
      assert.deepEqual(
        (await listed(store, '')).map(({ key }) => key),
        ['killed', 'next'],
      );
    });
  });

  describe('aborts', () => {
    it('end a get with the reason that was given', async () => {
      await store.put('large', new Uint8Array(24 << 20));
      const reason = new Error('enough');
      await assert.rejects(store.get('large', { signal: AbortSignal.abort(reason) }), reason);
      const later = new AbortController();
      const got = store.get('large', { signal: later.signal });
      later.abort(reason);
      await assert.rejects(got, reason);
      assert.equal((await store.get('large')).bytes.length, 24 << 20, 'the store works on');
    });
  });
}

async function listed(store: ObjectStore, prefix: string): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const object of store.list(prefix)) found.push(object);
  return found;
}

export async function rejectsWith(
  work: Promise<unknown>,
  code: ErrorCode,
  culprit?: string,
): Promise<BagfleetError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof BagfleetError, `not a BagfleetError: ${String(error)}`);
    assert.equal(error.code, code, error.describe());
    if (culprit !== undefined) assert.equal(error.culprit, culprit);
    assert.ok(error.hint, 'it says what to do');
    return error;
  }
  assert.fail(`expected ${code}, but it worked`);
}

function inByteOrder(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function assertUniform(bytes: Uint8Array, size: number): void {
  assert.equal(bytes.length, size);
  assert.ok(Buffer.from(bytes.buffer).equals(Buffer.alloc(size, bytes[0])), 'all bytes are of one version');
}

async function inParallel<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
