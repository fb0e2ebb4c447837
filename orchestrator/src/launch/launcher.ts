/**
 * The launcher port: starts worker processes and tells when they end. Local processes now; pods later.
 */

export interface WorkerEnvironment {
  readonly workerId: string;
  /** host:port of the coordinator. */
  readonly coordinator: string;
  /** The run's token, demanded by every server of the run. */
  readonly token: string;
  readonly threads: number;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface WorkerEvents {
  /** A line that the worker wrote (stdout or stderr), without its newline. */
  readonly onLine: (line: string) => void;
  /** Exactly once; after the last line. */
  readonly onExit: (exit: WorkerExit) => void;
}

export interface LaunchedWorker {
  /** Ends the worker at once; `onExit` follows. */
  kill(): void;
}

export interface Launcher {
  launch(environment: WorkerEnvironment, events: WorkerEvents): LaunchedWorker;
}
