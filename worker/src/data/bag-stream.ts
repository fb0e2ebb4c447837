/**
 * The bags that a worker needs, in the order in which it needs them: what a trainer pulls from.
 */
import type { Bag } from './bag.js';

export interface StreamCounts {
  /** Bags handed out. */
  bags: number;
  /** Bags that lay in the cache when they were fetched. */
  cached: number;
  /** Bytes of the objects read from the store. */
  bytesRead: number;
  /** Milliseconds that the consumer waited for bags. */
  waitedMs: number;
}

export interface BagStream {
  readonly counts: Readonly<StreamCounts>;
  /** The next bag; rejects with the BagfleetError of a bag that cannot be read when its turn comes. */
  next(): Promise<Bag>;
  /** Stops all reads; a `next` that waits rejects. Closing twice is no error. */
  close(): void;
}
