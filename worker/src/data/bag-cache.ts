/**
 * Bags kept in memory from epoch to epoch, least recently used out first.
 * In: decoded bags and a bound in bytes. Out: the bag again, or undefined. It never changes a result, only
 * whether a bag is read again.
 */
import { type Bag, bytesOf } from './bag.js';

export class BagCache {
  readonly #capacity: number;
  /** In order of use: the first is the one that was not used for longest. */
  readonly #bags = new Map<string, Bag>();
  #bytes = 0;

  /** `capacity` in bytes; 0 keeps nothing. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): Bag | undefined {
    const bag = this.#bags.get(id);
    if (bag) {
      this.#bags.delete(id);
      this.#bags.set(id, bag);
    }
    return bag;
  }

  /** Keeps a bag, unless it is larger than the whole cache. */
  put(bag: Bag): void {
    this.#remove(bag.id);
    if (bytesOf(bag) > this.#capacity) return;
    this.#bags.set(bag.id, bag);
    this.#bytes += bytesOf(bag);
    for (const oldest of this.#bags.keys()) {
      if (this.#bytes <= this.#capacity) break;
      this.#remove(oldest);
    }
  }

  clear(): void {
    this.#bags.clear();
    this.#bytes = 0;
  }

  #remove(id: string): void {
    const bag = this.#bags.get(id);
    if (!bag) return;
    this.#bags.delete(id);
    this.#bytes -= bytesOf(bag);
  }
}
