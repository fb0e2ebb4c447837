/**
 * The coordinator's book of worker processes: launches them, keeps their last lines, ends them.
 */
import type { LaunchedWorker, Launcher, WorkerEnvironment } from '../launch/launcher.js';

const KEPT_LINES = 12;

export interface DeskEvents {
  readonly onLine: (worker: string, line: string) => void;
  readonly onExit: (
    worker: string,
    exit: { code: number | null; signal: string | null; lastLines: readonly string[] },
  ) => void;
}

export class WorkerDesk {
  readonly #launcher: Launcher;
  readonly #events: DeskEvents;
  readonly #workers = new Map<string, LaunchedWorker>();

  constructor(launcher: Launcher, events: DeskEvents) {
    this.#launcher = launcher;
    this.#events = events;
  }

  launch(environment: WorkerEnvironment): void {
    const { workerId } = environment;
    const lastLines: string[] = [];
    const worker = this.#launcher.launch(environment, {
      onLine: (line) => {
        lastLines.push(line);
        if (lastLines.length > KEPT_LINES) lastLines.shift();
        this.#events.onLine(workerId, line);
      },
      onExit: (exit) => {
        this.#workers.delete(workerId);
        this.#events.onExit(workerId, { ...exit, lastLines });
      },
    });
    this.#workers.set(workerId, worker);
  }

  kill(worker: string): void {
    this.#workers.get(worker)?.kill();
  }
}
