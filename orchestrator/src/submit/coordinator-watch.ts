/**
 * The coordinator's Job as whoever has submitted it sees it: does it begin, what holds it up, has it ended?
 * In: a Job's name, looked at every second or two. Out: plain words; while the API server does not answer, that.
 */

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BagfleetError } from '@bagfleet/proto';
import { type CoreV1Event, Log, type V1Job, type V1Pod } from '@kubernetes/client-node';
import type { Cluster } from '../kubernetes/open-cluster.js';
import { exitOf, hasEnded, isRunning, whyNoPlace } from '../launch/kubernetes/pod-state.js';

const LOOK_MS = 1500;
const LAST_LINES = 20;
const CONTAINER = 'coordinator';

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
    if (pod === undefined) return this.#heldUpBy ?? '';
    const stream = new PassThrough();
    try {
      const reading = text(stream);
      await new Log(this.#cluster.config).log(this.#cluster.namespace, pod, CONTAINER, stream, {
        tailLines: LAST_LINES,
      });
      return (await reading).trim();
    } catch {
      return this.#heldUpBy ?? '';
    }
  }

  async #inTurn(): Promise<void> {
    if (this.#isLooking || this.#hasEnded) return;
    this.#isLooking = true;
    try {
      await this.#look();
    } catch (thrown) {
      this.#heldUpBy = BagfleetError.from(thrown).describe();
    }
    this.#isLooking = false;
  }

  async #look(): Promise<void> {
    const { objects } = this.#cluster;
    const job = await objects.get<V1Job>({ apiVersion: 'batch/v1', kind: 'Job', name: this.#name });
    const { items } = await objects.list<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      labels: `batch.kubernetes.io/job-name=${this.#name}`,
    });
    const newest = items.sort((a, b) => createdAt(a) - createdAt(b)).at(-1) ?? null;
    this.#lastPod = newest ?? this.#lastPod;
    const isOver = (job?.status?.conditions ?? []).some(
      ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
    );
    this.#hasEnded = !job || isOver;
    this.#heldUpBy = newest ? await this.#holdUpOf(newest) : await this.#whyNoPod();
  }

  async #holdUpOf(pod: V1Pod): Promise<string | null> {
    if (isRunning(pod)) return null;
    const why = hasEnded(pod) ? null : whyNoPlace(pod);
    if (why !== null) return `the coordinator's pod has no place yet: ${why}`;
    if (!hasEnded(pod)) return null;
    const { code, why: ending } = exitOf(pod);
    if (code === 0) return null;
    const last = (await this.words()).split('\n').at(-1);
    return `the coordinator's pod ${ending ?? `ended with exit code ${code}`}; Kubernetes starts another. Its last words: ${last}`;
  }

  async #whyNoPod(): Promise<string | null> {
    const { items } = await this.#cluster.objects.list<CoreV1Event>({
      apiVersion: 'v1',
      kind: 'Event',
      fields: `involvedObject.name=${this.#name},type=Warning`,
    });
    const message = items.at(-1)?.message;
    return message === undefined ? null : `the coordinator's pod can't be created: ${message}`;
  }
}

function createdAt({ metadata }: V1Pod): number {
  return new Date(metadata?.creationTimestamp ?? 0).getTime();
}
