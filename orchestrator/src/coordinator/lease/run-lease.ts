/**
 * The coordinator's lease on its run: taken, renewed, confirmed, let go (the rules: lease-rules.ts).
 * In: the run's folder, a name of one's own drawn for this process, the address where one listens.
 * Out: the token that ranks above all earlier ones; whether one may act at this moment; an abort when it is lost.
 */
import { BagfleetError, RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { leaseRecord, putLease, readLease } from './lease-file.js';
import { type FoundLease, mayAct, renewEveryMs } from './lease-rules.js';
import { type LeaseClock, type LeaseTerms, MONOTONIC, type Taken, takeLease } from './take-lease.js';

export class RunLease {
  readonly token: number;
  /** Nobody held it: no worker of an earlier coordinator can be alive. */
  readonly wasLetGo: boolean;
  readonly #terms: LeaseTerms;
  readonly #clock: LeaseClock;
  readonly #lost = new AbortController();
  #etag: string;
  #sentAt: number;
  #timer: NodeJS.Timeout | null = null;
  #renewing: Promise<void> | null = null;

  private constructor(terms: LeaseTerms, clock: LeaseClock, taken: Taken) {
    this.#terms = terms;
    this.#clock = clock;
    this.token = taken.token;
    this.wasLetGo = taken.letGo;
    this.#etag = taken.etag;
    this.#sentAt = taken.sentAt;
  }

  /** Resolves when the lease is one's own; a challenger waits as long as the holder renews it. */
  static async acquire(terms: LeaseTerms, clock: LeaseClock = MONOTONIC): Promise<RunLease> {
    return new RunLease(terms, clock, await takeLease(terms, clock));
  }

  /** Aborts with `lease-lost` when another coordinator has it. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** May one act now? False too while renewals fail; it may come true again. */
  isHeld(): boolean {
    return !this.#lost.signal.aborted && mayAct(this.#sentAt, this.#clock.now(), this.#terms.termMs);
  }

  /** Renews it from now on. */
  keep(): void {
    this.#timer = setInterval(() => void this.renew(), renewEveryMs(this.#terms.termMs));
  }

  /** One renewal at a time; a store that fails is asked again at the next turn. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce()
      .catch(() => undefined)
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }

  /** Looks in the store whether it is still one's own. */
  async confirm(): Promise<boolean> {
    if (this.#lost.signal.aborted) return false;
    const found = await readLease(this.#terms.store);
    if (found?.record.holder === this.#terms.holder) return true;
    this.#lose(found);
    return false;
  }

  /** Lets it go: the next coordinator need not wait. A store that fails leaves it to run out. */
  async release(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#renewing;
    if (this.#lost.signal.aborted) return;
    await this.#put(null).catch(() => undefined);
  }

  /** Stops renewing, touching nothing. */
  stepBack(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  async #renewOnce(): Promise<void> {
    if (this.#lost.signal.aborted) return;
    const sentAt = this.#clock.now();
    if (await this.#put(this.#terms.address)) this.#sentAt = sentAt;
  }

  /**
   * A conflict after a put whose answer got lost is settled by whose record is there: one's own is the version to
   * go on from, and is replaced at once; `sentAt` is then the time of that second put.
   */
  async #put(address: string | null): Promise<boolean> {
    for (;;) {
      const record = leaseRecord(this.token, this.#terms.holder, address);
      const etag = await putLease(this.#terms.store, record, this.#etag);
      if (etag !== null) {
        this.#etag = etag;
        return true;
      }
      const found = await readLease(this.#terms.store);
      if (found?.record.holder !== this.#terms.holder) {
        this.#lose(found);
        return false;
      }
      this.#etag = found.etag;
    }
  }

  #lose(found: FoundLease | null): void {
    if (this.#timer) clearInterval(this.#timer);
    if (!this.#lost.signal.aborted) this.#lost.abort(leaseLost(this.#terms.store, found));
  }
}

function leaseLost(store: ObjectStore, found: FoundLease | null): BagfleetError {
  const by = found ? `the coordinator with token ${found.record.token} has taken it` : 'its file is gone';
  return new BagfleetError('lease-lost', `this coordinator may no longer act for the run: ${by}`, {
    culprit: `${store.uri}/${RUN_FILES.lease}`,
    hint: 'Nothing is to be done: the other one goes on with the run.',
  });
}
