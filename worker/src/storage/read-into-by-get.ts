/**
 * `readInto` for stores that have nothing faster than `get`.
 * In: a store, the key, the destination. Out: the version that was read.
 */
import type { ObjectStore, ReadOptions } from './object-store.js';
import { conditionFailed, endsEarly } from './store-errors.js';

/** An answer that is short may have been cut on its way. */
const ATTEMPTS = 5;

export async function readIntoByGet(
  store: Pick<ObjectStore, 'get' | 'uri'>,
  key: string,
  into: Uint8Array,
  { start = 0, ifMatch, signal }: ReadOptions = {},
): Promise<{ etag: string }> {
  const range = { start, length: into.length };
  for (let attempt = 1; ; attempt++) {
    const { bytes, etag } = await store.get(key, { range, ...(signal ? { signal } : {}) });
    if (ifMatch !== undefined && etag !== ifMatch) throw conditionFailed(`${store.uri}/${key}`, { ifMatch });
    if (bytes.length === into.length) {
      into.set(bytes);
      return { etag };
    }
    if (attempt === ATTEMPTS) throw endsEarly(`${store.uri}/${key}`, start + bytes.length);
  }
}
