/**
 * A worker's reads of bags: those under way, and bags that came and were not taken yet. It outlives the streams that
 * ask for bags, so that what a broken generation had fetched is there for the next one.
 * In: a reader, the cache, how many reads at once. Out: each bag once, whoever asked for it how often.
 */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import type { Bag } from './bag.js';
import type { BagCache } from './bag-cache.js';
import type { BagReader } from './read-bag.js';

export interface ReadCounts {
  /** Bags asked for. */
  asked: number;
  /** Of these, bags that lay in the cache. */
  cached: number;
  /** Bytes of the objects read, wherever they came from. */
  bytesRead: number;
}

interface Read {
  readonly bag: Promise<Bag>;
  readonly abort: AbortController;
  /** How many times it is asked for and not taken. */
  wanted: number;
  failed: boolean;
}

export class BagReads {
  readonly counts: ReadCounts = { asked: 0, cached: 0, bytesRead: 0 };
  readonly #reader: BagReader;
  readonly #cache: BagCache;
  readonly #atOnce: number;
  readonly #reads = new Map<string, Read>();
  readonly #bytesAtOnce: number;
  /** Reads that wait for a free place, first come, first served. */
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #underWay = 0;
  #bytesUnderWay = 0;

  constructor(args: {
    reader: BagReader;
    cache: BagCache;
    /** Reads under way. */
    atOnce: number;
    /**
     * Bytes of the reads under way: enough to fill the link, and no more, because they share it, and a bag that is
     * needed much later would hold up the next one. A bag that is larger is read alone.
     */
    bytesAtOnce: number;
  }) {
    this.#reader = args.reader;
    this.#cache = args.cache;
    this.#atOnce = args.atOnce;
    this.#bytesAtOnce = args.bytesAtOnce;
  }

  /** Each call is followed by one of `done`, when the bag was taken or is not needed any more. */
  want(entry: BagEntry): Promise<Bag> {
    this.counts.asked++;
    const read = this.#reads.get(entry.id) ?? this.#begin(entry);
    read.wanted++;
    return read.bag;
  }

  /** The bag was handed out. */
  taken(id: string): void {
    const read = this.#reads.get(id);
    if (read && --read.wanted <= 0) this.#reads.delete(id);
  }

  /** Nobody waits for the bag now; it goes on, for whoever asks next. */
  leave(id: string): void {
    const read = this.#reads.get(id);
    if (read && --read.wanted <= 0 && read.failed) this.#reads.delete(id);
  }

  /** Ends reads that nobody waits for and nobody will. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, read] of this.#reads) if (read.wanted <= 0 && !ids.has(id)) this.#end(id, read);
  }

  /** Ends all reads, and waits until none is under way. */
  async close(): Promise<void> {
    const all = [...this.#reads];
    for (const [id, read] of all) this.#end(id, read);
    await Promise.allSettled(all.map(([, { bag }]) => bag));
  }

  #begin(entry: BagEntry): Read {
    const kept = this.#cache.get(entry.id);
    if (kept) this.counts.cached++;
    const abort = new AbortController();
    const bag = kept
      ? Promise.resolve(kept)
      : this.#inTurn(entry.bytes, () => this.#fetch(entry, abort.signal));
    const read: Read = { bag, abort, wanted: 0, failed: false };
    this.#reads.set(entry.id, read);
    bag.catch(() => {
      read.failed = true; // told to whoever waits; who asks later has it read anew
      if (read.wanted <= 0 && this.#reads.get(entry.id) === read) this.#reads.delete(entry.id);
    });
    return read;
  }

  async #fetch(entry: BagEntry, signal: AbortSignal): Promise<Bag> {
    signal.throwIfAborted();
    const bag = await this.#reader.read(entry, signal);
    this.counts.bytesRead += entry.bytes;
    this.#cache.put(bag);
    return bag;
  }

  async #inTurn<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#hasPlaceFor(bytes))
      await new Promise<void>((start) => this.#waiting.push({ bytes, start }));
    else this.#takePlace(bytes);
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#bytesUnderWay -= bytes;
      this.#startWaiting();
    }
  }

  #startWaiting(): void {
    for (let next = this.#waiting[0]; next && this.#hasPlaceFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#takePlace(next.bytes);
      next.start();
    }
  }

  #takePlace(bytes: number): void {
    this.#underWay++;
    this.#bytesUnderWay += bytes;
  }

  #hasPlaceFor(bytes: number): boolean {
    if (this.#underWay === 0) return true;
    return this.#underWay < this.#atOnce && this.#bytesUnderWay + bytes <= this.#bytesAtOnce;
  }

  #end(id: string, { abort }: Read): void {
    this.#reads.delete(id);
    abort.abort();
  }
}
