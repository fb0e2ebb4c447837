/**
 * The store that a command's flags name, open while the command uses it.
 */
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { type StoreFlags, storeOptionsOf } from './options/store-flags.js';

export async function withRunStore<T>(
  flags: StoreFlags,
  use: (store: ObjectStore) => Promise<T>,
): Promise<T> {
  const options = storeOptionsOf(flags);
  const store = await openStore(options.uri, options);
  try {
    return await use(store);
  } finally {
    store.close();
  }
}
