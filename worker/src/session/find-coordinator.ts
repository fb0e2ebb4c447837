/**
 * Where the coordinator of a run is: its lease stands in the run's folder, so nobody needs DNS.
 * In: BAGFLEET_RUN and BAGFLEET_RUN_STORE. Out: address and lease number, or null while there is none to be read.
 */
import { leaseSchema, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import type { ObjectStore } from '../storage/object-store.js';
import { openStore } from '../storage/open-store.js';

export interface FoundCoordinator {
  readonly address: string;
  readonly lease: number;
}

export class CoordinatorFinder {
  readonly #uri: string;
  readonly #options: StoreOptions;
  #store: ObjectStore | null = null;

  constructor(uri: string, options: StoreOptions) {
    this.#uri = uri;
    this.#options = options;
  }

  async find(): Promise<FoundCoordinator | null> {
    try {
      this.#store ??= await openStore(this.#uri, this.#options);
      const { bytes } = await this.#store.get(RUN_FILES.lease);
      const { address, token } = leaseSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
      return address === null ? null : { address, lease: token };
    } catch {
      return null; // A store that fails for a while is asked again; the orphan's deadline bounds it.
    }
  }

  close(): void {
    this.#store?.close();
  }
}
