/**
 * The launcher port: starts workers, finds those again that an earlier coordinator started, tells when they end.
 * Workers outlive the coordinator that launched them. Local processes now; pods later.
 */

export interface WorkerEnvironment {
  readonly workerId: string;
  /** Which launch of this worker. */
  readonly incarnation: string;
  /** host:port of the coordinator. */
  readonly coordinator: string;
  /** The run's token, demanded by every server of the run. */
  readonly token: string;
  readonly threads: number;
}

/** Both null when nobody can know: the process was not a child of this one. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface WorkerEvents {
  /** Lines of this worker id that are recorded already; they are not told again. */
  readonly linesRecorded: number;
  /** A line that the worker wrote (stdout or stderr), without its newline. */
  readonly onLine: (line: string) => void;
  /** Exactly once; after the last line. */
  readonly onExit: (exit: WorkerExit) => void;
}

export interface LaunchedWorker {
  /** Ends the worker at once; `onExit` follows. */
  kill(): void;
  /** Stops it where it is, for tests of what the others do then. */
  pause(): void;
}

export interface Launcher {
  launch(environment: WorkerEnvironment, events: WorkerEvents): LaunchedWorker;
  /** A worker that an earlier coordinator launched, found by the process id that it told. */
  adopt(workerId: string, pid: number, events: WorkerEvents): LaunchedWorker;
  /** The run is concluded and no worker lives: removes what it keeps on this machine. */
  clear(): void;
}
