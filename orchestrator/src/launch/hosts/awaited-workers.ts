/**
 * Workers that somebody else starts: a process on each host of a batch system, of SageMaker, of a rack.
 * In: launches by the core, workers as they join. Out: for each launch that it waits, then that it is there. How a
 * process ended can't be seen from here; one that is let go is taken as ended.
 */
import type { LaunchedWorker, Launcher, LivingWorker, WorkerEnvironment, WorkerEvents } from '../launcher.js';

const AWAITED = 'its host has not started it yet (`bagfleet host`)';

interface Launch {
  readonly workerId: string;
  readonly incarnation: string;
  readonly events: WorkerEvents;
  /** What its process calls itself; null until it has joined. */
  process: string | null;
}

export class AwaitedWorkers implements Launcher {
  readonly #launches = new Set<Launch>();

  launch({ workerId, incarnation }: WorkerEnvironment, events: WorkerEvents): LaunchedWorker {
    const launch: Launch = { workerId, incarnation, events, process: null };
    this.#launches.add(launch);
    // After this call: its caller has to know it first.
    queueMicrotask(() => events.onPlacing(AWAITED));
    return this.#handle(launch);
  }

  adopt({ workerId, incarnation }: LivingWorker, events: WorkerEvents): LaunchedWorker {
    const launch: Launch = { workerId, incarnation, events, process: incarnation };
    this.#launches.add(launch);
    return this.#handle(launch);
  }

  /** The first process that comes under a name that is waited for has it. */
  incarnationOf(workerId: string, told: string): string {
    const own = [...this.#launches].filter((launch) => launch.workerId === workerId);
    const known = own.find(({ process }) => process === told);
    if (known) return known.incarnation;
    const waiting = own.findLast(({ process }) => process === null);
    if (!waiting) return told;
    waiting.process = told;
    waiting.events.onPlaced();
    return waiting.incarnation;
  }

  /** Hosts are as many as they are. */
  resize(): void {}

  /** Nobody starts a worker from here. */
  startNoMore(): void {}

  close(): void {
    this.#launches.clear();
  }

  async clear(): Promise<void> {
    this.close();
  }

  /** Its session is dropped: a process that lives on is refused when it comes back. */
  #handle(launch: Launch): LaunchedWorker {
    const kill = () => {
      if (!this.#launches.delete(launch)) return;
      queueMicrotask(() => launch.events.onExit({ code: null, signal: null, why: 'was let go' }));
    };
    return { kill, pause: () => false };
  }
}
