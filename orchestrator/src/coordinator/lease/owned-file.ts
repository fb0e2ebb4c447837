/**
 * A file of the run's folder as the holder of the lease writes it: whole, and only over its own last version.
 * In: how the content follows from what an earlier coordinator left. Out: the file; `lease-lost` when another
 * coordinator has taken over: one that slept and wakes up can't overwrite what its successor wrote.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { ObjectStore, PutCondition } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';

/** What a writer must know of its lease. */
export interface Tenure {
  isHeld(): boolean;
  /** Tries to hold it again, after something has blocked this process for long, say. */
  renew(): Promise<void>;
  /** Looks in the store whether the lease is still one's own. */
  confirm(): Promise<boolean>;
}

/** Conflicts in a row while the lease is one's own: answers that got lost. More of them are somebody else's doing. */
const ATTEMPTS = 5;

export class OwnedFile {
  readonly #store: ObjectStore;
  readonly #key: string;
  readonly #tenure: Tenure;
  #before: Uint8Array | null = null;
  /** undefined: not looked yet; null: there is no such file. */
  #etag: string | null | undefined;
  /** True once a version of one's own is there: what was before is known for good. */
  #isOwn = false;
  /** Sent, but nobody knows whether it arrived. */
  #uncertain: Uint8Array | null = null;

  constructor(store: ObjectStore, key: string, tenure: Tenure) {
    this.#store = store;
    this.#key = key;
    this.#tenure = tenure;
  }

  /** What an earlier coordinator left; null if there is no such file. */
  async before(): Promise<Uint8Array | null> {
    if (this.#etag === undefined) await this.#look();
    return this.#before;
  }

  async write(compose: (before: Uint8Array | null) => Uint8Array): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const content = compose(await this.before());
      if (!this.#tenure.isHeld()) await this.#tenure.renew();
      if (!this.#tenure.isHeld()) throw notHeld(this.#key);
      try {
        this.#etag = (await this.#store.put(this.#key, content, this.#condition())).etag;
        this.#isOwn = true;
        return;
      } catch (thrown) {
        if (codeOf(thrown) !== 'store-conflict') {
          this.#uncertain = content;
          throw thrown;
        }
        if (!(await this.#tenure.confirm())) throw lost(this.#key, thrown);
        if (attempt === ATTEMPTS) throw thrown;
        await this.#look();
      }
    }
  }

  #condition(): PutCondition {
    return typeof this.#etag === 'string' ? { ifMatch: this.#etag } : { ifAbsent: true };
  }

  /** The version that is there now: one's own, written when its answer got lost, or a predecessor's last. */
  async #look(): Promise<void> {
    if (this.#isOwn) {
      this.#etag = (await this.#store.head(this.#key))?.etag ?? null;
      return;
    }
    const found = await this.#store.get(this.#key).catch((thrown: unknown) => {
      if (codeOf(thrown) === 'store-missing') return null;
      throw thrown;
    });
    this.#etag = found?.etag ?? null;
    this.#isOwn = !!found && !!this.#uncertain && Buffer.compare(found.bytes, this.#uncertain) === 0;
    if (!this.#isOwn) this.#before = found?.bytes ?? null;
  }
}

function notHeld(key: string): BagfleetError {
  return new BagfleetError('store-unavailable', 'is not written while the lease of the run is not renewed', {
    culprit: key,
    hint: 'See whether the store can be reached.',
  });
}

function lost(key: string, cause: unknown): BagfleetError {
  return new BagfleetError('lease-lost', 'another coordinator writes it now', { culprit: key, cause });
}
