/**
 * Which launch each pod belongs to. Kubernetes makes pods when it sees fit: before the coordinator has asked for a
 * worker again, or long after. In: launches, pods. Out: the bond between them, one launch to one pod. Pure bookkeeping.
 */
import type { WorkerEvents } from '../launcher.js';

export interface Launch {
  readonly workerId: string;
  readonly incarnation: string;
  readonly events: WorkerEvents;
  /** The pod's uid; null until there is one. */
  pod: string | null;
}

export class PodLaunches {
  /** The launch of each worker id that counts now. */
  readonly #current = new Map<string, Launch>();
  readonly #byPod = new Map<string, Launch>();

  /** A launch that waits for a pod, or of a pod that is known (`pod`). */
  add(launch: Launch): void {
    this.#current.set(launch.workerId, launch);
    if (launch.pod !== null) this.#byPod.set(launch.pod, launch);
  }

  /** The launch that this pod bears, or bears from now on; null if nobody has asked for it. */
  claim(pod: string, workerId: string): Launch | null {
    const known = this.#byPod.get(pod);
    if (known) return known;
    const waiting = this.#current.get(workerId);
    if (!waiting || waiting.pod !== null) return null;
    waiting.pod = pod;
    this.#byPod.set(pod, waiting);
    return waiting;
  }

  ofPod(pod: string): Launch | null {
    return this.#byPod.get(pod) ?? null;
  }

  /** Each that counts now. */
  all(): Launch[] {
    return [...this.#current.values()];
  }

  waiting(): Launch[] {
    return [...this.#current.values()].filter(({ pod }) => pod === null);
  }

  /** False if it was over already. */
  end(launch: Launch): boolean {
    const isCurrent = this.#current.get(launch.workerId) === launch;
    if (isCurrent) this.#current.delete(launch.workerId);
    const wasBorne = launch.pod !== null && this.#byPod.delete(launch.pod);
    return isCurrent || wasBorne;
  }
}
