/**
 * A store whose objects go by other names. In: a store, and which key each alias stands for. Out: a store for reading by
 * alias; what has none is not there. Errors name the alias, wherever the store below would name the key.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { GetOptions, ObjectStore, ReadOptions, StoredObject } from './object-store.js';
import { ReadOnlyStore } from './read-only-store.js';
import { objectMissing } from './store-errors.js';

export class AliasStore extends ReadOnlyStore implements ObjectStore {
  readonly uri: string;
  readonly #store: ObjectStore;
  readonly #keys: ReadonlyMap<string, string>;
  readonly #aliases: ReadonlyMap<string, string>;

  /** `keys` by alias. */
  constructor(store: ObjectStore, keys: ReadonlyMap<string, string>) {
    super();
    this.uri = store.uri;
    this.#store = store;
    this.#keys = keys;
    this.#aliases = new Map([...keys].map(([alias, key]) => [key, alias]));
  }

  get(alias: string, options?: GetOptions): Promise<{ bytes: Uint8Array; etag: string }> {
    return this.#known(alias, (key) => this.#store.get(key, options));
  }

  readInto(alias: string, into: Uint8Array, options?: ReadOptions): Promise<{ etag: string }> {
    return this.#known(alias, (key) => this.#store.readInto(key, into, options));
  }

  async head(alias: string): Promise<StoredObject | null> {
    if (!this.#keys.has(alias)) return null;
    return this.#known(alias, async (key) => {
      const found = await this.#store.head(key);
      return found && { ...found, key: alias };
    });
  }

  override async *list(prefix: string): AsyncIterable<StoredObject> {
    for await (const object of this.#store.list('')) {
      const alias = this.#aliases.get(object.key);
      if (alias?.startsWith(prefix)) yield { ...object, key: alias };
    }
  }

  close(): void {
    this.#store.close();
  }

  async #known<T>(alias: string, use: (key: string) => Promise<T>): Promise<T> {
    const key = this.#keys.get(alias);
    if (key === undefined) throw objectMissing(`${this.uri}/${alias}`);
    try {
      return await use(key);
    } catch (thrown) {
      throw thrown instanceof BagfleetError ? naming(alias, key, thrown) : thrown;
    }
  }
}

/** Without its cause, which may name the key, too. */
function naming(alias: string, key: string, error: BagfleetError): BagfleetError {
  const written = [
    key,
    encodeURI(key),
    encodeURIComponent(key),
    key.split('/').map(encodeURIComponent).join('/'),
  ];
  const clean = (text: string) => written.reduce((all, word) => all.replaceAll(word, alias), text);
  const { code, message, culprit, hint } = error;
  return new BagfleetError(code, clean(message), {
    ...(culprit === undefined ? {} : { culprit: clean(culprit) }),
    ...(hint === undefined ? {} : { hint: clean(hint) }),
  });
}
