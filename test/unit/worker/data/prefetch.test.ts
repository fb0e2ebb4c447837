import assert from 'node:assert/strict';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import type { Bag } from '@bagfleet/worker/data/bag';
import { BagCache } from '@bagfleet/worker/data/bag-cache';
import { BagPrefetch } from '@bagfleet/worker/data/prefetch';
import type { BagReader } from '@bagfleet/worker/data/read-bag';
import fc from 'fast-check';
import { bagOfValues } from '../../../support/made-up-bag.js';

function entryOf(id: string): BagEntry {
  return { id, key: `bags/${id}.npy`, bytes: 10, instances: 1, label: 0, split: 'train' };
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

function prefetchOf(
  ids: Iterable<string>,
  over: { ahead?: number; cacheBytes?: number; signal?: AbortSignal; now?: () => number } = {},
) {
  const reader = new HandReader();
  const cache = new BagCache(over.cacheBytes ?? 0);
  const bags = {
    *[Symbol.iterator]() {
      for (const id of ids) yield entryOf(id);
    },
  };
  const prefetch = new BagPrefetch({
    reader,
    cache,
    bags,
    ahead: over.ahead ?? 2,
    ...(over.signal ? { signal: over.signal } : {}),
    ...(over.now ? { now: over.now } : {}),
  });
  return { reader, cache, prefetch };
}

describe('prefetch', () => {
  it('keeps `ahead` bags on their way and hands out in order, whichever arrives first', async () => {
    const { reader, prefetch } = prefetchOf(['a', 'b', 'c', 'd']);
    assert.deepEqual(reader.started, ['a', 'b']);
    const first = prefetch.next();
    reader.underWay.get('b')?.done();
    await settle();
    assert.deepEqual(reader.started, ['a', 'b'], 'b waits: two are on their way or ready');
    reader.underWay.get('a')?.done();
    assert.equal((await first).value?.id, 'a');
    assert.deepEqual(reader.started, ['a', 'b', 'c']);
    assert.equal((await prefetch.next()).value?.id, 'b');
    await prefetch.return();
  });

  it('takes bags from an endless sequence only as they are needed', async () => {
    let taken = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield `b${taken++}`;
      },
    };
    const { prefetch } = prefetchOf(endless, { ahead: 3 });
    assert.equal(taken, 3);
    await prefetch.return();
  });

  it('a failed read is told at its bag, later ones are stopped, nothing is left unhandled', async () => {
    const { reader, prefetch } = prefetchOf(['a', 'b', 'c'], { ahead: 3 });
    const broken = new Error('bag b is broken');
    reader.underWay.get('b')?.fail(broken);
    await settle(); // an unhandled rejection would end the test process here
    reader.underWay.get('a')?.done();
    assert.equal((await prefetch.next()).value?.id, 'a');
    await assert.rejects(prefetch.next(), broken);
    assert.equal(reader.aborted, 1, 'c was stopped');
    assert.equal(reader.underWay.size, 0);
    assert.deepEqual(await prefetch.next(), { done: true, value: undefined });
  });

  it('an abort ends a waiting consumer with its reason and leaves no read behind', async () => {
    const control = new AbortController();
    const { reader, prefetch } = prefetchOf(['a', 'b', 'c'], { signal: control.signal });
    const waiting = prefetch.next();
    const reason = new Error('cancelled');
    control.abort(reason);
    await assert.rejects(waiting, reason);
    assert.equal(reader.underWay.size, 0);
    assert.deepEqual(await prefetch.next(), { done: true, value: undefined });
  });

  it('an abort before the first bag is told too', async () => {
    const reason = new Error('cancelled');
    const { reader, prefetch } = prefetchOf(['a'], { signal: AbortSignal.abort(reason) });
    reader.underWay.get('a')?.done();
    await assert.rejects(prefetch.next(), reason);
  });

  it('leaving the loop stops the reads', async () => {
    const { reader, prefetch } = prefetchOf(['a', 'b', 'c']);
    reader.underWay.get('a')?.done();
    for await (const bag of prefetch) {
      assert.equal(bag.id, 'a');
      break;
    }
    assert.equal(reader.underWay.size, 0);
  });

  it('reads a bag that is needed twice in a row once, and a cached one not at all', async () => {
    const { reader, prefetch } = prefetchOf(['a', 'a', 'b', 'a'], { ahead: 2, cacheBytes: 100 });
    assert.deepEqual(reader.started, ['a']);
    reader.underWay.get('a')?.done();
    await prefetch.next();
    await prefetch.next();
    reader.underWay.get('b')?.done();
    await prefetch.next();
    await prefetch.next();
    assert.deepEqual(reader.started, ['a', 'b']);
    assert.deepEqual([prefetch.counts.bags, prefetch.counts.cached, prefetch.counts.bytesRead], [4, 1, 20]);
    assert.equal((await prefetch.next()).done, true);
  });

  it('counts the time that the consumer waited', async () => {
    let clock = 0;
    const { reader, prefetch } = prefetchOf(['a'], { now: () => clock });
    const first = prefetch.next();
    clock = 25;
    reader.underWay.get('a')?.done();
    await first;
    assert.equal(prefetch.counts.waitedMs, 25);
    await prefetch.return();
  });

  it('hands out what a plain loop reads, for any order of arrival, cache and window', async () => {
    const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        ids,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(20),
        fc.scheduler(),
        async (sequence, ahead, cacheBytes, s) => {
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
          const prefetch = new BagPrefetch({
            bags: sequence.map(entryOf),
            reader,
            cache: new BagCache(cacheBytes),
            ahead,
          });
          const handedOut: string[] = [];
          const all = (async () => {
            for await (const bag of prefetch) handedOut.push(bag.id);
          })();
          await s.waitFor(all);
          assert.deepEqual(handedOut, sequence);
          assert.ok(most <= ahead);
        },
      ),
      { numRuns: 60 },
    );
  });
});
