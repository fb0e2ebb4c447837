/**
 * Keeps the run's folder up to date: status, events, metrics, ledger, work and the workers' logs.
 * Each file is held here and written whole when it changed: the status every second, the growing files every few
 * seconds, at the end, and at once when somebody waits for them. One write at a time; a store that fails is asked
 * again at the next turn, never thrown into the run's way. Nothing is written while the lease is not held.
 * Out: the folder; the position in the run up to which metrics and ledger are really stored.
 */
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { GrowingFile } from './growing-file.js';
import { OwnedFile, type Tenure } from './lease/owned-file.js';
import { isAfter, type Position } from './position.js';

const STATUS_MS = 1000;
const GROWING_MS = 3000;
/** Files of the last epochs that are held in memory; an older one is read again if a row comes late. */
const EPOCHS_HELD = 2;

export interface RecorderParts {
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly tenure: Tenure;
  /** The status as it is when it is written. */
  readonly status: () => RunStatus;
  /** Metrics and ledger rows up to here are in the store. */
  readonly onStored: (upto: Position) => void;
}

export class RunRecorder {
  readonly #parts: RecorderParts;
  readonly #growing = new Map<string, GrowingFile>();
  readonly #status: OwnedFile;
  readonly #timers: readonly NodeJS.Timeout[];
  #writing: Promise<void> = Promise.resolve();
  #complaint: string | null = null;
  #failedWrites = 0;
  #queued = 0;
  #upto: Position | null = null;
  /** Somebody has sent rows and not heard since that they are stored: rows that come again are answered again. */
  #answerIsDue = false;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#status = new OwnedFile(parts.store, RUN_FILES.status, parts.tenure);
    this.#timers = [
      setInterval(() => this.#inTurn(() => this.#writeStatus()), STATUS_MS),
      setInterval(() => this.#inTurn(() => this.#writeGrowing()), GROWING_MS),
    ];
  }

  /** The last complaint of the store, for people; null when the last write went well. */
  get complaint(): string | null {
    return this.#complaint;
  }

  get failedWrites(): number {
    return this.#failedWrites;
  }

  append(name: string, line: string): void {
    this.#fileOf(name).append(line);
  }

  /** The metrics and ledger rows that were appended reach up to here; `urgent`: somebody waits for them. */
  reached(upto: Position, urgent: boolean): void {
    if (this.#upto === null || isAfter(upto, this.#upto)) this.#upto = upto;
    this.#answerIsDue = true;
    if (urgent) this.#later(() => this.#writeRows());
  }

  /** Lines of a growing file, those of earlier coordinators first. */
  lines(name: string): Promise<string[]> {
    return this.#fileOf(name).lines();
  }

  /** A file that is written once. */
  async keep(name: string, bytes: Uint8Array): Promise<void> {
    await this.#writing;
    await new OwnedFile(this.#parts.store, name, this.#parts.tenure).write(() => bytes);
  }

  /** Writes what there is now, as well as the store allows. */
  flush(): Promise<void> {
    this.#later(async () => {
      await this.#writeGrowing();
      await this.#writeStatus();
    });
    return this.#writing;
  }

  /** Writes everything that is left, the status last: who sees a final status sees the rest. */
  async finish(): Promise<void> {
    await this.close();
    await this.#writeGrowing();
    await this.#writeStatus();
  }

  /** Stops writing. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#writing;
  }

  #fileOf(name: string): GrowingFile {
    const known = this.#growing.get(name);
    if (known) return known;
    const file = new GrowingFile(new OwnedFile(this.#parts.store, name, this.#parts.tenure));
    this.#growing.set(name, file);
    return file;
  }

  /** A turn of a timer; a slow store makes turns fall out, never queue up. */
  #inTurn(write: () => Promise<void>): void {
    if (this.#queued < 2 && this.#parts.tenure.isHeld()) this.#later(write);
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
          this.#failedWrites++;
          this.#complaint = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        this.#queued--;
      });
  }

  async #writeStatus(): Promise<void> {
    const status = { ...this.#parts.status(), updatedAt: new Date().toISOString() };
    const bytes = new TextEncoder().encode(`${JSON.stringify(status, null, 2)}\n`);
    await this.#status.write(() => bytes);
  }

  /** Metrics and ledger: once they are stored, workers need not hold these rows any longer. */
  async #writeRows(): Promise<void> {
    const upto = this.#upto;
    const answerIsDue = this.#answerIsDue;
    await this.#writeChanged((name) => name === RUN_FILES.metrics || name.startsWith(RUN_FILES.ledger));
    if (upto === null || !answerIsDue || !this.#parts.tenure.isHeld()) return;
    if (upto === this.#upto) this.#answerIsDue = false;
    this.#parts.onStored(upto);
  }

  async #writeGrowing(): Promise<void> {
    await this.#writeRows();
    await this.#writeChanged(() => true);
    for (const folder of [RUN_FILES.ledger, RUN_FILES.work]) this.#forgetOldEpochs(folder);
  }

  async #writeChanged(isWanted: (name: string) => boolean): Promise<void> {
    for (const [name, file] of this.#growing) if (file.changed && isWanted(name)) await file.write();
  }

  #forgetOldEpochs(folder: string): void {
    const names = [...this.#growing.keys()].filter((name) => name.startsWith(folder)).sort();
    for (const name of names.slice(0, -EPOCHS_HELD))
      if (this.#growing.get(name)?.changed === false) this.#growing.delete(name);
  }
}
