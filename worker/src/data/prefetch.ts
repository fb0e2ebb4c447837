/**
 * Bags fetched ahead of the compute thread, handed out in the order in which it needs them.
 * In: the sequence of bags that this worker will compute (it follows from the step plan), a reader, a cache.
 * Out: a BagStream. While the consumer computes on one bag, up to `ahead` more are on their way or ready.
 */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { Bag } from './bag.js';
import type { BagCache } from './bag-cache.js';
import type { BagStream, StreamCounts } from './bag-stream.js';
import type { BagReader } from './read-bag.js';

export interface PrefetchOptions {
  /** Taken lazily, never more than `ahead` bags before they are needed; may be endless. */
  readonly bags: Iterable<BagEntry>;
  readonly reader: BagReader;
  readonly cache: BagCache;
  /** Bags on their way or ready beyond the one in use, at least 1. */
  readonly ahead: number;
  /** Ends all reads; `next` then rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; only counted, never decided by. */
  readonly now?: () => number;
}

export class BagPrefetch implements BagStream {
  readonly counts: StreamCounts = { bags: 0, cached: 0, bytesRead: 0, waitedMs: 0 };
  readonly #options: PrefetchOptions;
  readonly #bags: Iterator<BagEntry>;
  readonly #now: () => number;
  readonly #reads = new AbortController();
  /** Handed out from the front; a rejection waits here, handled, until its turn. */
  readonly #queue: Promise<Bag>[] = [];
  /** Reads under way by bag id: a bag that is needed twice in a row is read once. */
  readonly #underWay = new Map<string, Promise<Bag>>();
  readonly #onAbort = () => this.#stop(this.#options.signal?.reason);

  constructor(options: PrefetchOptions) {
    this.#options = options;
    this.#bags = options.bags[Symbol.iterator]();
    this.#now = options.now ?? (() => performance.now());
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
    else this.#fetchAhead();
  }

  async next(): Promise<Bag> {
    const began = this.#now();
    try {
      this.#reads.signal.throwIfAborted();
      const first = this.#queue.shift();
      if (!first) throw new BagfleetError('bug', 'a bag was asked for after the last one');
      const bag = await orAborted(first, this.#reads.signal);
      this.#fetchAhead();
      this.counts.bags++;
      return bag;
    } finally {
      this.counts.waitedMs += this.#now() - began;
    }
  }

  close(): void {
    this.#stop(new BagfleetError('interrupted', 'the stream of bags was closed'));
  }

  #stop(reason: unknown): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#queue.length = 0;
    this.#reads.abort(reason); // the first reason stays
  }

  #fetchAhead(): void {
    while (this.#queue.length < this.#options.ahead) {
      const { done, value } = this.#bags.next();
      if (done) return;
      const bag = this.#fetch(value);
      bag.catch(() => {}); // told when its turn comes
      this.#queue.push(bag);
    }
  }

  #fetch(entry: BagEntry): Promise<Bag> {
    const kept = this.#options.cache.get(entry.id);
    if (kept) this.counts.cached++;
    if (kept) return Promise.resolve(kept);
    const underWay = this.#underWay.get(entry.id);
    if (underWay) return underWay;
    const read = this.#read(entry).finally(() => this.#underWay.delete(entry.id));
    this.#underWay.set(entry.id, read);
    return read;
  }

  async #read(entry: BagEntry): Promise<Bag> {
    const bag = await this.#options.reader.read(entry, this.#reads.signal);
    this.counts.bytesRead += entry.bytes;
    this.#options.cache.put(bag);
    return bag;
  }
}

/** The promise's outcome, or the signal's reason as soon as it aborts. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
