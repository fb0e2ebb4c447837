/**
 * Which launch each worker of each pod belongs to. Kubernetes makes pods when it sees fit: before the coordinator has
 * asked for a worker again, or long after; in a pod with several workers each is started again by itself.
 * In: launches, pods, the names that processes give themselves (their pod's uid, or `<uid>/<place>.<start>`).
 * Out: the bonds between them: a launch has one pod and one process, a pod bears one launch of each of its workers at
 * a time. Pure bookkeeping.
 */
import type { WorkerEvents } from '../launcher.js';

export interface Launch {
  readonly workerId: string;
  readonly incarnation: string;
  readonly events: WorkerEvents;
  /** The pod's uid; null until there is one. */
  pod: string | null;
  /** What its process calls itself; null until it has joined. */
  process: string | null;
}

export function podOf(process: string): string {
  return process.split('/')[0];
}

export class PodLaunches {
  /** Those that are not over, in the order in which they were made. */
  readonly #all = new Set<Launch>();

  add(launch: Launch): void {
    this.#all.add(launch);
  }

  /** The launch that this pod bears for the worker, or bears from now on; null if nobody has asked for it. */
  bind(pod: string, workerId: string): Launch | null {
    const borne = this.borne(pod, workerId);
    if (borne) return borne;
    const waiting = this.#newest(workerId);
    if (!waiting || waiting.pod !== null) return null;
    waiting.pod = pod;
    return waiting;
  }

  /** The launch of a process that joins; null if nobody has asked for it. */
  join(workerId: string, process: string): Launch | null {
    const launch = this.bind(podOf(process), workerId);
    if (!launch) return null;
    launch.process ??= process;
    return launch.process === process ? launch : null;
  }

  borne(pod: string, workerId: string): Launch | null {
    return this.ofPod(pod).find((launch) => launch.workerId === workerId) ?? null;
  }

  ofPod(pod: string): Launch[] {
    return [...this.#all].filter((launch) => launch.pod === pod);
  }

  /** Each that counts now. */
  all(): Launch[] {
    return [...this.#all];
  }

  waiting(): Launch[] {
    return [...this.#all].filter((launch) => launch.pod === null);
  }

  isLive(launch: Launch): boolean {
    return this.#all.has(launch);
  }

  /** False if it was over already. */
  end(launch: Launch): boolean {
    return this.#all.delete(launch);
  }

  #newest(workerId: string): Launch | null {
    return [...this.#all].findLast((launch) => launch.workerId === workerId) ?? null;
  }
}
