/**
 * What a store for reading objects by their keys refuses: everything else. A mistake of ours, if anybody asks.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { StoredObject } from './object-store.js';

export abstract class ReadOnlyStore {
  put(): Promise<StoredObject> {
    return Promise.reject(readOnly());
  }

  // biome-ignore lint/correctness/useYield: it refuses before it could yield
  async *list(_prefix: string): AsyncIterable<StoredObject> {
    throw readOnly();
  }

  folders(): Promise<string[]> {
    return Promise.reject(readOnly());
  }

  delete(): Promise<void> {
    return Promise.reject(readOnly());
  }
}

function readOnly(): BagfleetError {
  return new BagfleetError('bug', 'this store is for reading objects by their keys only');
}
