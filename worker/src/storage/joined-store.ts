/**
 * Two stores read as one: keys with a prefix lie in the second, all others in the first.
 * In: the stores and the prefix. Out: a store for reading; it closes both.
 */
import type { GetOptions, ObjectStore, ReadOptions, StoredObject } from './object-store.js';
import { ReadOnlyStore } from './read-only-store.js';

export class JoinedStore extends ReadOnlyStore implements ObjectStore {
  readonly uri: string;
  readonly #first: ObjectStore;
  readonly #prefix: string;
  readonly #second: ObjectStore;

  constructor(first: ObjectStore, prefix: string, second: ObjectStore) {
    super();
    this.uri = first.uri;
    this.#first = first;
    this.#prefix = prefix;
    this.#second = second;
  }

  get(key: string, options?: GetOptions): Promise<{ bytes: Uint8Array; etag: string }> {
    const [store, own] = this.#placeOf(key);
    return store.get(own, options);
  }

  readInto(key: string, into: Uint8Array, options?: ReadOptions): Promise<{ etag: string }> {
    const [store, own] = this.#placeOf(key);
    return store.readInto(own, into, options);
  }

  head(key: string): Promise<StoredObject | null> {
    const [store, own] = this.#placeOf(key);
    return store.head(own);
  }

  close(): void {
    this.#first.close();
    this.#second.close();
  }

  #placeOf(key: string): [ObjectStore, string] {
    return key.startsWith(this.#prefix) ? [this.#second, key.slice(this.#prefix.length)] : [this.#first, key];
  }
}
