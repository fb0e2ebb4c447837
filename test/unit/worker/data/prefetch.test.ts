import assert from 'node:assert/strict';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import type { Bag } from '@bagfleet/worker/data/bag';
import { BagCache } from '@bagfleet/worker/data/bag-cache';
import { BagReads } from '@bagfleet/worker/data/bag-reads';
import { BagPrefetch } from '@bagfleet/worker/data/prefetch';
import type { BagReader } from '@bagfleet/worker/data/read-bag';
import fc from 'fast-check';
import { bagOfValues } from '../../../support/made-up-bag.js';

/** Of 10 bytes, or as many as a number after the name says: `big50`. */
function entryOf(id: string): BagEntry {
  const bytes = Number(/\d+$/.exec(id)?.[0] ?? 10);
  return { id, key: `bags/${id}.npy`, bytes, instances: 1, label: 0, split: 'train' };
}

function bagOf(id: string): Bag {
  return bagOfValues(id, [0], [1]);
}

/** A reader whose reads end when the test says so; reads that are aborted reject, as the real one's do. */
class HandReader implements BagReader {
  readonly started: string[] = [];
  readonly underWay = new Map<string, { done: () => void; fail: (error: Error) => void }>();
  aborted = 0;

  read(entry: BagEntry, signal?: AbortSignal): Promise<Bag> {
    this.started.push(entry.id);
    return new Promise<Bag>((resolve, reject) => {
      this.underWay.set(entry.id, { done: () => resolve(bagOf(entry.id)), fail: reject });
      signal?.addEventListener('abort', () => {
        if (this.underWay.has(entry.id)) this.aborted++;
        reject(signal.reason as Error);
      });
    }).finally(() => this.underWay.delete(entry.id));
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

interface Setting {
  readonly buffer?: number;
  readonly atOnce?: number;
  readonly bytesAtOnce?: number;
  readonly cacheBytes?: number;
}

function readsOf({ atOnce = 9, bytesAtOnce = 999, cacheBytes = 0 }: Setting = {}) {
  const reader = new HandReader();
  return { reader, reads: new BagReads({ reader, cache: new BagCache(cacheBytes), atOnce, bytesAtOnce }) };
}

function streamOf(reads: BagReads, ids: Iterable<string>, buffer = 20, signal?: AbortSignal): BagPrefetch {
  const bags = {
    *[Symbol.iterator]() {
      for (const id of ids) yield entryOf(id);
    },
  };
  return new BagPrefetch({ reads, bags, buffer, ...(signal ? { signal } : {}) });
}

function prefetchOf(ids: Iterable<string>, over: Setting & { signal?: AbortSignal } = {}) {
  const { reader, reads } = readsOf(over);
  return { reader, reads, prefetch: streamOf(reads, ids, over.buffer, over.signal) };
}

describe('prefetch', () => {
  it('keeps as many bags on their way as the buffer holds, and hands out in order, whichever arrives first', async () => {
    const { reader, reads, prefetch } = prefetchOf(['a', 'b', 'c', 'd']);
    assert.deepEqual(reader.started, ['a', 'b']);
    const first = prefetch.next();
    reader.underWay.get('b')?.done();
    await settle();
    assert.deepEqual(reader.started, ['a', 'b'], 'b waits, and takes its room');
    reader.underWay.get('a')?.done();
    assert.equal((await first).value?.id, 'a');
    assert.deepEqual(reader.started, ['a', 'b', 'c']);
    assert.equal((await prefetch.next()).value?.id, 'b');
    await reads.close();
  });

  it('counts bytes, not bags, and lets one that is larger than the buffer pass alone', async () => {
    const { reader, reads, prefetch } = prefetchOf(['a', 'small1', 'small2', 'huge99', 'b'], { buffer: 14 });
    assert.deepEqual(reader.started, ['a', 'small1', 'small2']);
    for (const id of ['a', 'small1', 'small2']) {
      reader.underWay.get(id)?.done();
      assert.equal((await prefetch.next()).value?.id, id);
    }
    assert.deepEqual(reader.started.slice(3), ['huge99']);
    reader.underWay.get('huge99')?.done();
    assert.equal((await prefetch.next()).value?.id, 'huge99');
    assert.deepEqual(reader.started.slice(4), ['b']);
    await reads.close();
  });

  it('reads no more bags at once than it may, in the order of need', async () => {
    const { reader, reads, prefetch } = prefetchOf(['a', 'b', 'c'], { buffer: 30, atOnce: 2 });
    assert.deepEqual(reader.started, ['a', 'b']);
    reader.underWay.get('b')?.done();
    await settle();
    assert.deepEqual(reader.started, ['a', 'b', 'c']);
    await prefetch.return();
    await reads.close();
  });

  it('reads no more bytes at once than fill the link, one larger bag alone, and none before its turn', async () => {
    const ids = ['a', 'large30', 'b', 'c'];
    const { reader, reads, prefetch } = prefetchOf(ids, { buffer: 99, bytesAtOnce: 20 });
    assert.deepEqual(reader.started, ['a'], 'the large one waits, and b, which would fit, waits behind it');
    reader.underWay.get('a')?.done();
    await settle();
    assert.deepEqual(reader.started, ['a', 'large30']);
    reader.underWay.get('large30')?.done();
    await settle();
    assert.deepEqual(reader.started, ids);
    await prefetch.return();
    await reads.close();
  });

  it('takes bags from an endless sequence only as they are needed', async () => {
    let taken = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield `b${String.fromCharCode(97 + taken++)}`;
      },
    };
    const { reads } = prefetchOf(endless, { buffer: 30 });
    assert.equal(taken, 4, 'one more than fits');
    await reads.close();
  });

  it('a failed read is told at its bag, and nothing is left unhandled', async () => {
    const { reader, reads, prefetch } = prefetchOf(['a', 'b', 'c'], { buffer: 30 });
    const broken = new Error('bag b is broken');
    reader.underWay.get('b')?.fail(broken);
    await settle(); // an unhandled rejection would end the test process here
    reader.underWay.get('a')?.done();
    assert.equal((await prefetch.next()).value?.id, 'a');
    await assert.rejects(prefetch.next(), broken);
    assert.deepEqual(await prefetch.next(), { done: true, value: undefined });
    await reads.close();
    assert.equal(reader.aborted, 1, 'c was stopped');
    assert.equal(reader.underWay.size, 0);
  });

  it('an abort ends a waiting consumer with its reason, and the next stream goes on with what it needs', async () => {
    const control = new AbortController();
    const { reader, reads, prefetch } = prefetchOf(['a', 'b', 'c'], { buffer: 30, signal: control.signal });
    const waiting = prefetch.next();
    const reason = new Error('the generation is over');
    reader.underWay.get('b')?.done();
    control.abort(reason);
    await assert.rejects(waiting, reason);
    assert.deepEqual(await prefetch.next(), { done: true, value: undefined });
    assert.deepEqual([...reader.underWay.keys()], ['a', 'c'], 'nothing is lost yet');

    const next = streamOf(reads, ['b', 'c', 'd'], 30);
    await settle();
    assert.deepEqual(reader.started, ['a', 'b', 'c', 'd'], 'neither b nor c is read again');
    assert.equal(reader.aborted, 1, 'a is computed elsewhere now');
    assert.equal((await next.next()).value?.id, 'b');
    await reads.close();
    assert.equal(reader.underWay.size, 0);
  });

  it('a read that failed for nobody is not held against the next stream', async () => {
    const control = new AbortController();
    const { reader, reads, prefetch } = prefetchOf(['a'], { signal: control.signal });
    control.abort(new Error('over'));
    await assert.rejects(prefetch.next());
    reader.underWay.get('a')?.fail(new Error('the link was down'));
    await settle();
    const next = streamOf(reads, ['a']);
    reader.underWay.get('a')?.done();
    assert.equal((await next.next()).value?.id, 'a');
    assert.deepEqual(reader.started, ['a', 'a']);
  });

  it('an abort before the first bag is told too', async () => {
    const reason = new Error('cancelled');
    const { reader, prefetch } = prefetchOf(['a'], { signal: AbortSignal.abort(reason) });
    reader.underWay.get('a')?.done();
    await assert.rejects(prefetch.next(), reason);
  });

  it('reads a bag that is needed twice in a row once, and a cached one not at all', async () => {
    const { reader, reads, prefetch } = prefetchOf(['a', 'a', 'b', 'a'], { cacheBytes: 100 });
    assert.deepEqual(reader.started, ['a']);
    reader.underWay.get('a')?.done();
    await prefetch.next();
    await prefetch.next();
    reader.underWay.get('b')?.done();
    await prefetch.next();
    await prefetch.next();
    assert.deepEqual(reader.started, ['a', 'b']);
    assert.deepEqual(reads.counts, { asked: 4, cached: 1, bytesRead: 20 });
    assert.equal((await prefetch.next()).done, true);
  });

  it('hands out what a plain loop reads, for any order of arrival, cache, buffer and breaks', async () => {
    const ids = fc.array(fc.constantFrom('a', 'b', 'c30', 'd5', 'e1'), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        ids,
        fc.record({ buffer: fc.integer({ min: 1, max: 60 }), atOnce: fc.integer({ min: 1, max: 4 }) }),
        fc.nat(20),
        fc.array(fc.nat(20), { maxLength: 3 }),
        fc.scheduler(),
        async (sequence, { buffer, atOnce }, cacheBytes, breaks, s) => {
          let most = 0;
          let underWay = 0;
          const reader: BagReader = {
            async read(entry) {
              most = Math.max(most, ++underWay);
              await s.schedule(Promise.resolve());
              underWay--;
              return bagOf(entry.id);
            },
          };
          const reads = new BagReads({
            reader,
            cache: new BagCache(cacheBytes),
            atOnce,
            bytesAtOnce: buffer / 2,
          });
          const handedOut: string[] = [];
          const all = (async () => {
            for (const end of [...breaks, sequence.length]) {
              const stream = streamOf(reads, sequence.slice(handedOut.length), buffer);
              while (handedOut.length < end) {
                const { value } = await stream.next();
                if (!value) break;
                handedOut.push(value.id);
              }
              await stream.return();
            }
          })();
          await s.waitFor(all);
          assert.deepEqual(handedOut, sequence);
          assert.ok(most <= atOnce);
        },
      ),
      { numRuns: 80 },
    );
  });
});
