/**
 * Bags fetched ahead of the compute thread, handed out in the order in which it needs them.
 * In: the sequence of bags that this worker will compute (it follows from the step plan), the worker's reads, how many
 * bytes may lie ready. Out: an async iterator of bags; a bag that cannot be read throws when its turn comes, not
 * before, and ends the iterator. The window is bounded by bytes: many small bags are on their way at once, and one
 * that is larger than the window passes alone. It begins small and grows as bags are handed out: at first link and
 * cores belong to the bags that somebody waits for.
 */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { orAborted } from '../or-aborted.js';
import type { Bag } from './bag.js';
import type { BagReads } from './bag-reads.js';

interface Due {
  readonly entry: BagEntry;
  readonly bag: Promise<Bag>;
}

/** 130 ms at 1 Gbit/s. */
const FIRST_WINDOW = 2 ** 24;
/** Of what was handed out: a first step of 100 MB leaves it at 40. */
const GROWTH = 1 / 4;

const NEVER = new AbortController().signal;

export class BagPrefetch implements AsyncIterableIterator<Bag, undefined> {
  readonly #bags: Iterator<BagEntry>;
  readonly #reads: BagReads;
  readonly #buffer: number;
  readonly #signal: AbortSignal;
  /** Handed out from the front; their rejections wait here, handled, until their turn. */
  readonly #queue: Due[] = [];
  #bytes = 0;
  /** Bytes that may be on their way or ready now. */
  #window: number;
  /** Taken from the sequence, and not begun for want of room. */
  #next: BagEntry | null = null;
  #ended = false;

  constructor(args: {
    /** Taken as they are needed, one more than fits; may be endless. */
    bags: Iterable<BagEntry>;
    reads: BagReads;
    /** Bytes that bags of this stream may take, on their way or ready. */
    buffer: number;
    /** Ends the stream: `next` then rejects with its reason. Reads go on, for the next stream. */
    signal?: AbortSignal;
  }) {
    this.#bags = args.bags[Symbol.iterator]();
    this.#reads = args.reads;
    this.#buffer = args.buffer;
    this.#window = Math.min(FIRST_WINDOW, args.buffer);
    this.#signal = args.signal ?? NEVER;
    const first = this.#fitting();
    this.#reads.keepOnly(new Set(first.map(({ id }) => id))); // what an earlier stream began, and this one needs
    this.#begin(first);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Bag, undefined>> {
    if (this.#ended) return { done: true, value: undefined };
    try {
      this.#signal.throwIfAborted();
      const first = this.#queue[0];
      if (!first) return await this.return();
      const bag = await orAborted(this.#signal, first.bag);
      this.#queue.shift();
      this.#bytes -= first.entry.bytes;
      this.#window = Math.min(this.#buffer, this.#window + first.entry.bytes * GROWTH);
      this.#reads.taken(first.entry.id);
      this.#begin(this.#fitting());
      return { done: false, value: bag };
    } catch (thrown) {
      await this.return();
      throw thrown;
    }
  }

  /** Leaves the bags that were not handed out to whoever comes next. */
  async return(): Promise<IteratorResult<Bag, undefined>> {
    this.#ended = true;
    for (const { entry } of this.#queue.splice(0)) this.#reads.leave(entry.id);
    return { done: true, value: undefined };
  }

  /** The next bags for which there is room; they count as begun. */
  #fitting(): BagEntry[] {
    const fitting: BagEntry[] = [];
    for (;;) {
      this.#next ??= this.#bags.next().value ?? null;
      if (this.#next === null) return fitting;
      const { bytes } = this.#next;
      if (this.#bytes > 0 && this.#bytes + bytes > this.#window) return fitting;
      this.#bytes += bytes;
      fitting.push(this.#next);
      this.#next = null;
    }
  }

  #begin(entries: readonly BagEntry[]): void {
    for (const entry of entries) {
      const bag = this.#reads.want(entry);
      bag.catch(() => {}); // told when its turn comes
      this.#queue.push({ entry, bag });
    }
  }
}

/** The next bag of a stream that must have one. */
export async function nextBag(stream: BagPrefetch): Promise<Bag> {
  const { done, value } = await stream.next();
  if (done) throw new BagfleetError('bug', 'the bags ended before the plan did');
  return value;
}
