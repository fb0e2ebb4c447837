/**
 * The launcher port: starts workers, finds those again that an earlier coordinator started, tells when they end.
 * Workers outlive the coordinator that launched them. Processes of this machine, or pods.
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
  /** GPUs of this machine, which its workers share in turn; 0 computes on CPUs. */
  readonly gpus: number;
}

/** Code and signal are null when nobody can know: the process was not a child of this one. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** What whoever ended it says, as a clause: `was killed for memory: …`. */
  readonly why: string | null;
}

/** What the run's folder has of a worker id's output already: it is not told again. */
export interface RecordedOutput {
  readonly lines: number;
  readonly last: string | null;
}

export interface WorkerEvents {
  readonly recorded: RecordedOutput;
  /** The most memory that the worker was heard to hold so far; null before its first word. */
  readonly peakBytes: () => number | null;
  /** A line that the worker wrote (stdout or stderr), without its newline. */
  readonly onLine: (line: string) => void;
  /** It has no place to run yet: why, as a sentence (`no node has room: …`). */
  readonly onPlacing: (why: string) => void;
  /** After onPlacing: its process begins. */
  readonly onPlaced: () => void;
  /** Exactly once; after the last line. */
  readonly onExit: (exit: WorkerExit) => void;
}

export interface LaunchedWorker {
  /** Ends the worker at once; `onExit` follows. */
  kill(): void;
  /** Stops it where it is, for tests of what the others do then; false where that can't be done from outside. */
  pause(): boolean;
}

/** A worker that an earlier coordinator launched, as it names itself when it joins. */
export interface LivingWorker {
  readonly workerId: string;
  readonly incarnation: string;
  readonly pid: number;
}

export interface Launcher {
  launch(environment: WorkerEnvironment, events: WorkerEvents): LaunchedWorker;
  adopt(worker: LivingWorker, events: WorkerEvents): LaunchedWorker;
  /** Which launch a worker comes from that joins and names itself `told`: a pod was there before it was asked for. */
  incarnationOf(workerId: string, told: string): string;
  /** The fleet's ids are below w<ids> from now on. */
  resize(ids: number): void;
  /** The run is being cancelled: whoever ends is not started again, and who still runs may be told to end. */
  startNoMore(): void;
  /** Looks after nobody any more; the workers go on, for the next coordinator. */
  close(): void;
  /** The run is concluded and no worker lives: removes what it keeps for them. */
  clear(): Promise<void>;
}
