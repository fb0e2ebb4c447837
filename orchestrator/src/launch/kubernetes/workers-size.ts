/**
 * Keeps the workers' Job at the size that the coordinator wants: creates it, changes it in one patch.
 * In: how many pods, again and again. Out: the Job; what holds it up, as a sentence. Only the newest wish counts; while
 * the API server is away it is tried again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { V1Job, V1OwnerReference } from '@kubernetes/client-node';
import type { Cluster } from '../../kubernetes/open-cluster.js';
import { workersName } from './manifests/names.js';
import type { RunPlace } from './manifests/pod-parts.js';
import { workersJob, workersSize } from './manifests/workers-job.js';

const AGAIN_MS = 3000;

export interface SizeParts {
  readonly cluster: Cluster;
  readonly job: JobSpec;
  readonly place: RunPlace;
  readonly owner: V1OwnerReference;
  /** The Job can't be made or changed, and why; null when it was. */
  readonly onTrouble: (problem: string | null) => void;
}

export class WorkersSize {
  readonly #parts: SizeParts;
  readonly #name: { apiVersion: string; kind: string; name: string };
  #wanted: number | null = null;
  #isAtWork = false;
  #closed = false;
  #hasResized = false;

  constructor(parts: SizeParts) {
    this.#parts = parts;
    this.#name = { apiVersion: 'batch/v1', kind: 'Job', name: workersName(parts.place.run) };
  }

  /** Its Job was there and has another size since. */
  get hasResized(): boolean {
    return this.#hasResized;
  }

  set(pods: number): void {
    this.#wanted = pods;
    if (!this.#isAtWork) void this.#work();
  }

  close(): void {
    this.#closed = true;
  }

  /**
   * No pod is made any more, and those that are there are ended by Kubernetes: else it would replace each of hundreds
   * that are told to stop. If it can't be had, that is what happens.
   */
  suspend(): void {
    if (this.#closed) return;
    this.close();
    this.#parts.cluster.objects.patch(this.#name, { spec: { suspend: true } }).catch(() => undefined);
  }

  /** Deletes the Job and its pods. Errors as the API server gives them. */
  async remove(): Promise<void> {
    this.close();
    await this.#parts.cluster.objects.delete(this.#name);
  }

  async #work(): Promise<void> {
    this.#isAtWork = true;
    while (this.#wanted !== null && !this.#closed) {
      const pods = this.#wanted;
      try {
        await this.#make(pods);
        this.#parts.onTrouble(null);
        if (this.#wanted === pods) this.#wanted = null;
      } catch (thrown) {
        this.#parts.onTrouble(BagfleetError.from(thrown).describe());
        await sleep(AGAIN_MS);
      }
    }
    this.#isAtWork = false;
  }

  async #make(pods: number): Promise<void> {
    const { cluster, job, place, owner } = this.#parts;
    const found = await cluster.objects.get<V1Job>(this.#name);
    if (!found) await cluster.objects.apply(workersJob(job, place, pods, owner));
    else if (found.spec?.completions !== pods) {
      await cluster.objects.patch(this.#name, workersSize(pods));
      this.#hasResized = true;
    }
  }
}
