/**
 * What only Kubernetes' events tell: why a Job can't create its pods (quota, admission), why a pod's volumes can't be
 * mounted. They are looked for only while somebody waits.
 * In: the run, who waits. Out: sentences for the waiting.
 */
import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import { newestEvent } from '../../kubernetes/newest-event.js';
import type { Cluster } from '../../kubernetes/open-cluster.js';
import { type JobPast, whyNoPod, whyNotCreated, whySuspended } from './hold-up-words.js';
import { workersName } from './manifests/names.js';

const LOOK_MS = 2000;
/** Pods that are asked about, per look: the others wait for the same. */
const ASKED = 3;
/** A container that is being created for so long has met an obstacle. */
const CREATING_MS = 4000;

export interface HoldUpListener {
  /** Are there launches without a pod? */
  readonly podless: () => boolean;
  readonly past: () => JobPast;
  /** Pods that neither run nor have ended. */
  readonly stuck: () => readonly V1Pod[];
  readonly onPodless: (why: string) => void;
  readonly onStuck: (uid: string, why: string) => void;
}

export class HoldUpEvents {
  readonly #cluster: Cluster;
  readonly #job: string;
  readonly #listener: HoldUpListener;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(cluster: Cluster, run: string, listener: HoldUpListener) {
    this.#cluster = cluster;
    this.#job = workersName(run);
    this.#listener = listener;
    this.#timer = setInterval(() => void this.#inTurn(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #inTurn(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    // The API server may be away: nothing is known then.
    await this.#look().catch(() => undefined);
    this.#isLooking = false;
  }

  async #look(): Promise<void> {
    if (this.#listener.podless()) {
      const why =
        (await this.#suspension()) ?? (await this.#warning(this.#job, (event) => whyNoPod(event, 'its pod')));
      if (why !== null && this.#listener.podless()) this.#listener.onPodless(why);
    }
    for (const pod of this.#listener.stuck().filter(isLong).slice(0, ASKED)) {
      const why = await this.#warning(pod.metadata?.name ?? '', whyNotCreated);
      if (why !== null) this.#listener.onStuck(pod.metadata?.uid ?? '', why);
    }
  }

  async #suspension(): Promise<string | null> {
    const job = await this.#cluster.objects.get<V1Job>({
      apiVersion: 'batch/v1',
      kind: 'Job',
      name: this.#job,
    });
    if (!job?.spec?.suspend) return null;
    const queue = job.metadata?.labels?.['kueue.x-k8s.io/queue-name'];
    return whySuspended(queue, this.#listener.past());
  }

  /** The last warning about an object, if it says anything to us. */
  async #warning(name: string, words: (event: CoreV1Event) => string | null): Promise<string | null> {
    const { items } = await this.#cluster.objects.list<CoreV1Event>({
      apiVersion: 'v1',
      kind: 'Event',
      fields: `involvedObject.name=${name},type=Warning`,
    });
    const last = newestEvent(items);
    return last ? words(last) : null;
  }
}

function isLong({ metadata, status }: V1Pod): boolean {
  const isCreating = status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ContainerCreating';
  return isCreating && Date.now() - new Date(metadata?.creationTimestamp ?? 0).getTime() > CREATING_MS;
}
