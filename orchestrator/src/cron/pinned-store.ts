/**
 * A store of bags whose contents are known: what differs from its digest is never handed out.
 * In: a store, the sha256 of each object by its key. Out: the same store, read whole; an error that names the bag.
 */
import { createHash } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto';
import type {
  GetOptions,
  ObjectStore,
  ReadOptions,
  StoredObject,
} from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';

export interface PinnedObject {
  readonly bag: string;
  readonly sha256: string;
}

export class PinnedStore implements ObjectStore {
  readonly uri: string;
  readonly #store: ObjectStore;
  readonly #pinned: ReadonlyMap<string, PinnedObject>;

  constructor(store: ObjectStore, pinned: ReadonlyMap<string, PinnedObject>) {
    this.uri = store.uri;
    this.#store = store;
    this.#pinned = pinned;
  }

  async get(key: string, options: GetOptions = {}): Promise<{ bytes: Uint8Array; etag: string }> {
    const pinned = this.#pinned.get(key);
    if (!pinned || options.range) throw new BagfleetError('bug', `${key} is not pinned as a whole`);
    const found = await this.#store.get(key, options).catch((thrown: unknown) => {
      throw codeOf(thrown) === 'store-missing' ? changed(pinned, key, 'bag-missing', 'it is gone') : thrown;
    });
    const actual = createHash('sha256').update(found.bytes).digest('hex');
    if (actual === pinned.sha256) return found;
    throw changed(pinned, key, 'manifest-invalid', `its sha256 is ${actual}, it was ${pinned.sha256}`);
  }

  /** A pinned object is always read whole. */
  async readInto(key: string, into: Uint8Array, options: ReadOptions = {}): Promise<{ etag: string }> {
    const { bytes, etag } = await this.get(key, options.signal ? { signal: options.signal } : {});
    if (options.start || bytes.length !== into.length)
      throw new BagfleetError('bug', `${key} is not pinned as a whole`);
    into.set(bytes);
    return { etag };
  }

  head(key: string): Promise<StoredObject | null> {
    return this.#store.head(key);
  }

  put(): Promise<StoredObject> {
    throw new BagfleetError('bug', 'a pinned store is only read');
  }

  list(prefix: string): AsyncIterable<StoredObject> {
    return this.#store.list(prefix);
  }

  folders(prefix: string): Promise<string[]> {
    return this.#store.folders(prefix);
  }

  delete(): Promise<void> {
    throw new BagfleetError('bug', 'a pinned store is only read');
  }

  close(): void {
    this.#store.close();
  }
}

function changed(
  { bag }: PinnedObject,
  key: string,
  code: 'bag-missing' | 'manifest-invalid',
  what: string,
): BagfleetError {
  return new BagfleetError(code, `the hold-out has changed: ${what}`, {
    culprit: `bag ${bag}, file ${key}`,
    hint: 'Put the file back as it was, or pin the hold-out anew: `bagfleet cron apply … --hold-out MANIFEST`.',
  });
}
