/**
 * The coordinator's Job as whoever has submitted it sees it: does it begin, what holds it up, has it ended?
 * In: a Job's name, looked at every second or two. Out: plain words; while the API server does not answer, that.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { V1Pod } from '@kubernetes/client-node';
import type { Cluster } from '../kubernetes/open-cluster.js';
import { lastWordsOf, lookAtCoordinator } from './look-at-coordinator.js';

const LOOK_MS = 1500;

export class CoordinatorWatch {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #timer: NodeJS.Timeout;
  #heldUpBy: string | null = null;
  #hasEnded = false;
  #lastPod: V1Pod | null = null;
  #isLooking = false;

  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#name = name;
    this.#timer = setInterval(() => void this.#inTurn(), LOOK_MS);
  }

  get heldUpBy(): string | null {
    return this.#heldUpBy;
  }

  /** Complete, failed for good, or gone. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** The last lines of its last pod. */
  async words(): Promise<string> {
    const pod = this.#lastPod?.metadata?.name;
    const words = pod === undefined ? '' : await lastWordsOf(this.#cluster, pod);
    return words || (this.#heldUpBy ?? '');
  }

  async #inTurn(): Promise<void> {
    if (this.#isLooking || this.#hasEnded) return;
    this.#isLooking = true;
    try {
      const { heldUpBy, hasEnded, newestPod } = await lookAtCoordinator(this.#cluster, this.#name);
      this.#heldUpBy = heldUpBy;
      this.#hasEnded = hasEnded;
      this.#lastPod = newestPod ?? this.#lastPod;
    } catch (thrown) {
      this.#heldUpBy = BagfleetError.from(thrown).describe();
    }
    this.#isLooking = false;
  }
}
