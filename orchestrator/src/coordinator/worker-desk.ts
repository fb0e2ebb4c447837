/**
 * The coordinator's book of worker processes: launches and adopts them, keeps their last lines, ends them.
 */
import { spokenLines } from '@bagfleet/proto';
import type {
  LaunchedWorker,
  Launcher,
  LivingWorker,
  RecordedOutput,
  WorkerEnvironment,
  WorkerEvents,
} from '../launch/launcher.js';

const KEPT_LINES = 12;
/** A worker whose session has just ended may be about to exit by itself; how it ended is worth knowing. */
const LAST_CHANCE_MS = 200;

export interface WorkerEnd {
  readonly incarnation: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly why: string | null;
  readonly lastLines: readonly string[];
}

export interface DeskEvents {
  readonly recordedOf: (worker: string) => RecordedOutput;
  readonly onLine: (worker: string, line: string) => void;
  /** It has no place to run yet, and why; null when it has. */
  readonly onPlacing: (worker: string, incarnation: string, why: string | null) => void;
  readonly onExit: (worker: string, end: WorkerEnd) => void;
}

interface Entry {
  readonly incarnation: string;
  readonly process: LaunchedWorker;
  /** The most memory that it said it held; null before it said so. */
  peakBytes: number | null;
}

export class WorkerDesk {
  readonly #launcher: Launcher;
  readonly #events: DeskEvents;
  readonly #workers = new Map<string, Entry>();
  /** Processes that are killed in a moment. */
  readonly #dying = new Map<LaunchedWorker, NodeJS.Timeout>();

  constructor(launcher: Launcher, events: DeskEvents) {
    this.#launcher = launcher;
    this.#events = events;
  }

  /** Ids of the workers whose process is there, sorted. */
  get living(): readonly string[] {
    return [...this.#workers.keys()].sort();
  }

  launch(environment: WorkerEnvironment): void {
    const { workerId, incarnation } = environment;
    this.#enter(workerId, incarnation, (events) => this.#launcher.launch(environment, events));
  }

  /** A worker that joined: if an earlier coordinator launched it, it is watched from now on. */
  adopt(worker: LivingWorker): void {
    const { workerId, incarnation } = worker;
    if (this.#workers.get(workerId)?.incarnation === incarnation) return;
    this.#enter(workerId, incarnation, (events) => this.#launcher.adopt(worker, events));
  }

  /** It said how much memory it has held at most. */
  heardPeak(worker: string, bytes: number): void {
    const entry = this.#workers.get(worker);
    if (entry) entry.peakBytes = Math.max(bytes, entry.peakBytes ?? 0);
  }

  resize(ids: number): void {
    this.#launcher.resize(ids);
  }

  startNoMore(): void {
    this.#launcher.startNoMore();
  }

  kill(worker: string): void {
    this.#workers.get(worker)?.process.kill();
  }

  /** In a moment: one that exits by itself until then tells how. */
  killSoon(worker: string): void {
    const process = this.#workers.get(worker)?.process;
    if (!process) return;
    const due = setTimeout(() => {
      this.#dying.delete(process);
      process.kill();
    }, LAST_CHANCE_MS);
    this.#dying.set(process, due);
  }

  /** False where it can't be done from outside. */
  pause(worker: string): boolean {
    return this.#workers.get(worker)?.process.pause() ?? true;
  }

  killAll(): void {
    for (const due of this.#dying.values()) clearTimeout(due);
    for (const process of this.#dying.keys()) process.kill();
    for (const { process } of this.#workers.values()) process.kill();
  }

  #enter(worker: string, incarnation: string, begin: (events: WorkerEvents) => LaunchedWorker): void {
    const lastLines: string[] = [];
    let entry: Entry | null = null;
    const process = begin({
      recorded: this.#events.recordedOf(worker),
      peakBytes: () => entry?.peakBytes ?? null,
      onLine: (line) => {
        lastLines.push(...spokenLines(line));
        lastLines.splice(0, lastLines.length - KEPT_LINES);
        this.#events.onLine(worker, line);
      },
      onPlacing: (why) => this.#events.onPlacing(worker, incarnation, why),
      onPlaced: () => this.#events.onPlacing(worker, incarnation, null),
      onExit: (exit) => {
        if (this.#workers.get(worker)?.process === process) this.#workers.delete(worker);
        this.#events.onExit(worker, { incarnation, ...exit, lastLines });
      },
    });
    entry = { incarnation, process, peakBytes: null };
    this.#workers.set(worker, entry);
  }
}
