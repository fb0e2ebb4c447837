/**
 * Keeps the run's folder up to date: status, events, metrics, ledger and the workers' logs.
 * The object store has no append, so each file is held here and written whole when it changed: the status
 * every second, the growing files every few seconds and at the end. One write at a time; a store that fails
 * is retried at the next turn and reported, never thrown into the run's way.
 */
import type { EventRow, LedgerRow, MetricRow, RunStatus } from '@bagfleet/proto';
import { RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

const STATUS_MS = 1000;
const GROWING_MS = 3000;

export class RunRecorder {
  readonly #store: ObjectStore;
  readonly #growing = new Map<string, { lines: string[]; changed: boolean }>();
  readonly #statusTimer: NodeJS.Timeout;
  readonly #growingTimer: NodeJS.Timeout;
  #status: () => RunStatus;
  #writing: Promise<void> = Promise.resolve();
  #complaint: string | null = null;
  #queued = 0;

  /** `status` gives the status as it is when it is written. */
  constructor(store: ObjectStore, status: () => RunStatus) {
    this.#store = store;
    this.#status = status;
    this.#statusTimer = setInterval(() => this.#inTurn(() => this.#writeStatus()), STATUS_MS);
    this.#growingTimer = setInterval(() => this.#inTurn(() => this.#writeGrowing()), GROWING_MS);
  }

  /** The last complaint of the store, for people; null when the last write went well. */
  get complaint(): string | null {
    return this.#complaint;
  }

  event(row: EventRow): void {
    this.#append(RUN_FILES.events, JSON.stringify(row));
  }

  metric(row: MetricRow): void {
    this.#append(RUN_FILES.metrics, JSON.stringify(row));
  }

  ledger(row: LedgerRow): void {
    this.#append(RUN_FILES.ledger, JSON.stringify(row));
  }

  log(worker: string, line: string): void {
    this.#append(`${RUN_FILES.logs}${worker}.log`, line);
  }

  /** A file that is written once. */
  async keep(name: string, bytes: Uint8Array): Promise<void> {
    await this.#writing;
    await this.#store.put(name, bytes);
  }

  /** Writes everything that is left, the status last: who sees a final status sees the rest. */
  async finish(): Promise<void> {
    clearInterval(this.#statusTimer);
    clearInterval(this.#growingTimer);
    await this.#writing;
    await this.#writeGrowing();
    await this.#writeStatus();
  }

  /** Writes the status now. */
  flushStatus(): Promise<void> {
    this.#later(() => this.#writeStatus());
    return this.#writing;
  }

  #append(name: string, line: string): void {
    const file = this.#growing.get(name) ?? { lines: [], changed: false };
    file.lines.push(line);
    file.changed = true;
    this.#growing.set(name, file);
  }

  /** A turn of a timer; a slow store makes turns fall out, never queue up. */
  #inTurn(write: () => Promise<void>): void {
    if (this.#queued < 2) this.#later(write);
  }

  #later(write: () => Promise<void>): void {
    this.#queued++;
    this.#writing = this.#writing
      .then(write)
      .then(
        () => {
          this.#complaint = null;
        },
        (error: unknown) => {
          this.#complaint = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        this.#queued--;
      });
  }

  async #writeStatus(): Promise<void> {
    const status = { ...this.#status(), updatedAt: new Date().toISOString() };
    await this.#store.put(RUN_FILES.status, encode(`${JSON.stringify(status, null, 2)}\n`));
  }

  async #writeGrowing(): Promise<void> {
    for (const [name, file] of this.#growing) {
      if (!file.changed) continue;
      file.changed = false;
      try {
        await this.#store.put(name, encode(`${file.lines.join('\n')}\n`));
      } catch (error) {
        file.changed = true;
        throw error;
      }
    }
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
