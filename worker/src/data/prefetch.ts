/**
 * Bags fetched ahead of the compute thread, handed out in the order in which it needs them.
 * In: the sequence of bags that this worker will compute (it follows from the step plan), a reader, a cache.
 * Out: an async iterator of bags; a bag that cannot be read throws when its turn comes, not before, and ends
 * the iterator. While the consumer computes on one bag, up to `ahead` more are on their way or ready.
 */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { Bag } from './bag.js';
import type { BagCache } from './bag-cache.js';
import type { BagReader } from './read-bag.js';

export interface PrefetchCounts {
  /** Bags handed out. */
  bags: number;
  /** Of these, bags that lay in the cache. */
  cached: number;
  /** Bytes of the objects read from the store. */
  bytesRead: number;
  /** Milliseconds that the consumer waited for bags. */
  waitedMs: number;
}

export class BagPrefetch implements AsyncIterableIterator<Bag, undefined> {
  readonly counts: PrefetchCounts = { bags: 0, cached: 0, bytesRead: 0, waitedMs: 0 };
  readonly #bags: Iterator<BagEntry>;
  readonly #reader: BagReader;
  readonly #cache: BagCache;
  readonly #ahead: number;
  readonly #now: () => number;
  readonly #reads = new AbortController();
  readonly #stopFollowing: () => void;
  /** Handed out from the front; their rejections wait here, handled, until their turn. */
  readonly #queue: Promise<Bag>[] = [];
  /** Reads under way by bag id: a bag that is needed twice in a row is read once. */
  readonly #underWay = new Map<string, Promise<Bag>>();
  #ended = false;

  constructor(args: {
    /** Taken lazily, never more than `ahead` bags before they are needed; may be endless. */
    bags: Iterable<BagEntry>;
    reader: BagReader;
    cache: BagCache;
    ahead: number;
    /** Ends all reads; `next` then rejects with its reason. */
    signal?: AbortSignal;
    /** Milliseconds; only counted, never decided by. */
    now?: () => number;
  }) {
    this.#bags = args.bags[Symbol.iterator]();
    this.#reader = args.reader;
    this.#cache = args.cache;
    this.#ahead = args.ahead;
    this.#now = args.now ?? (() => performance.now());
    this.#stopFollowing = follow(args.signal, this.#reads);
    this.#fetchAhead();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Bag, undefined>> {
    if (this.#ended) return { done: true, value: undefined };
    const began = this.#now();
    try {
      this.#reads.signal.throwIfAborted();
      const first = this.#queue.shift();
      if (!first) {
        await this.#end();
        return { done: true, value: undefined };
      }
      const bag = await orAborted(first, this.#reads.signal);
      this.#fetchAhead();
      this.counts.bags++;
      return { done: false, value: bag };
    } catch (thrown) {
      await this.#end();
      throw thrown;
    } finally {
      this.counts.waitedMs += this.#now() - began;
    }
  }

  /** Stops all reads and waits until none is under way. */
  async return(): Promise<IteratorResult<Bag, undefined>> {
    await this.#end();
    return { done: true, value: undefined };
  }

  #fetchAhead(): void {
    while (this.#queue.length < this.#ahead) {
      const { done, value } = this.#bags.next();
      if (done) return;
      const bag = this.#fetch(value);
      bag.catch(() => {}); // told when its turn comes
      this.#queue.push(bag);
    }
  }

  #fetch(entry: BagEntry): Promise<Bag> {
    const kept = this.#cache.get(entry.id);
    if (kept) this.counts.cached++;
    if (kept) return Promise.resolve(kept);
    const underWay = this.#underWay.get(entry.id);
    if (underWay) return underWay;
    const read = this.#read(entry).finally(() => this.#underWay.delete(entry.id));
    this.#underWay.set(entry.id, read);
    return read;
  }

  async #read(entry: BagEntry): Promise<Bag> {
    const bag = await this.#reader.read(entry, this.#reads.signal);
    this.counts.bytesRead += entry.bytes;
    this.#cache.put(bag);
    return bag;
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#queue.length = 0;
    this.#stopFollowing();
    this.#reads.abort();
    await Promise.allSettled(this.#underWay.values());
  }
}

/** Aborts `controller` when `signal` aborts; the returned function stops that. */
function follow(signal: AbortSignal | undefined, controller: AbortController): () => void {
  if (!signal) return () => {};
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

/** The promise's outcome, or the signal's reason as soon as it aborts. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error); // before the read's own rejection: that comes later
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The next bag of a stream that must have one. */
export async function nextBag(stream: BagPrefetch): Promise<Bag> {
  const { done, value } = await stream.next();
  if (done) throw new BagfleetError('bug', 'the bags ended before the plan did');
  return value;
}
