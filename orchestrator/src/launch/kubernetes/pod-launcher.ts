/**
 * Workers as pods of one Indexed Job: Kubernetes starts them, and again when they end; the coordinator decides which
 * of them count.
 * In: launches by the core, pods as the API server tells them. Out: for each launch why it has no place yet, its
 * lines, its end.
 *
 * A launch waits for a pod of its index and is bound to the first that is alive; a worker that joins names its pod.
 * A pod that nobody has asked for may live, but its worker is refused until the core launches that id.
 */
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { V1OwnerReference, V1Pod } from '@kubernetes/client-node';
import { FewAtOnce } from '../../kubernetes/few-at-once.js';
import type { Cluster } from '../../kubernetes/open-cluster.js';
import { ObjectWatch } from '../../kubernetes/watch-objects.js';
import type {
  LaunchedWorker,
  Launcher,
  LivingWorker,
  WorkerEnvironment,
  WorkerEvents,
  WorkerExit,
} from '../launcher.js';
import { endPod } from './end-pod.js';
import { HoldUpEvents } from './hold-up-events.js';
import { LogConnections } from './log-connections.js';
import { selectorOf } from './manifests/names.js';
import type { RunPlace } from './manifests/pod-parts.js';
import { type Launch, PodLaunches } from './pod-launches.js';
import { PodLog } from './pod-log.js';
import { exitOf, hasEnded, isLeaving, isRunning, whyNoPlace } from './pod-state.js';
import { unrecordedLines } from './unrecorded-lines.js';
import { WorkersSize } from './workers-size.js';

const INDEX_LABEL = 'batch.kubernetes.io/job-completion-index';
const CONTAINER = 'worker';
/** Requests of one kind at the same time, however many pods there are. */
const AT_ONCE = 16;
const STARTING = 'its pod is being started';

export interface PodLauncherParts {
  readonly cluster: Cluster;
  readonly job: JobSpec;
  readonly place: RunPlace;
  /** The coordinator's Job. */
  readonly owner: V1OwnerReference;
}

export class PodLauncher implements Launcher {
  readonly #cluster: Cluster;
  readonly #launches = new PodLaunches();
  readonly #pods = new Map<string, V1Pod>();
  readonly #logs = new Map<Launch, PodLog>();
  readonly #placed = new Set<Launch>();
  readonly #connections: LogConnections;
  readonly #ending = new FewAtOnce(AT_ONCE);
  readonly #size: WorkersSize;
  readonly #watch: ObjectWatch<V1Pod>;
  readonly #holdUps: HoldUpEvents;

  constructor({ cluster, job, place, owner }: PodLauncherParts) {
    this.#cluster = cluster;
    this.#connections = new LogConnections(cluster, new FewAtOnce(AT_ONCE));
    const onTrouble = (problem: string | null) => this.#tellWaiting(problem ?? STARTING);
    this.#size = new WorkersSize({ cluster, job, place, owner, onTrouble });
    const path = `/api/v1/namespaces/${cluster.namespace}/pods`;
    const request = { apiVersion: 'v1', kind: 'Pod', labels: selectorOf(place.run, 'worker') };
    this.#watch = new ObjectWatch<V1Pod>(cluster, path, request, {
      onObject: (pod) => this.#see(pod),
      onGone: (uid) => this.#gone(uid),
    });
    this.#holdUps = new HoldUpEvents(cluster, place.run, {
      podless: () => this.#launches.waiting().length > 0,
      stuck: () => this.#stuckPods(),
      onPodless: (why) => this.#tellWaiting(why),
      onStuck: (uid, why) => this.#launches.ofPod(uid)?.events.onPlacing(why),
    });
  }

  launch({ workerId, incarnation }: WorkerEnvironment, events: WorkerEvents): LaunchedWorker {
    const launch: Launch = { workerId, incarnation, events, pod: null };
    this.#launches.add(launch);
    // After this call: its caller has to know it first.
    queueMicrotask(() => {
      events.onPlacing(STARTING);
      for (const pod of this.#pods.values()) if (workerOf(pod) === workerId) this.#see(pod);
    });
    return this.#handle(launch);
  }

  adopt({ workerId, incarnation }: LivingWorker, events: WorkerEvents): LaunchedWorker {
    const launch: Launch = { workerId, incarnation, events, pod: incarnation };
    this.#launches.add(launch);
    const pod = this.#pods.get(incarnation);
    if (pod) queueMicrotask(() => this.#see(pod));
    return this.#handle(launch);
  }

  /** A pod names itself by its uid. */
  incarnationOf(workerId: string, told: string): string {
    return this.#launches.claim(told, workerId)?.incarnation ?? told;
  }

  resize(ids: number): void {
    this.#size.set(ids);
  }

  startNoMore(): void {
    this.#size.suspend();
  }

  close(): void {
    this.#watch.close();
    this.#holdUps.close();
    this.#size.close();
    for (const log of this.#logs.values()) log.close();
  }

  async clear(): Promise<void> {
    await this.#size.remove();
    this.close();
  }

  #handle(launch: Launch): LaunchedWorker {
    return { kill: () => this.#kill(launch), pause: refusePause };
  }

  #see(pod: V1Pod): void {
    const uid = pod.metadata?.uid ?? '';
    this.#pods.set(uid, pod);
    const isAlive = !hasEnded(pod) && !isLeaving(pod);
    const launch = this.#launches.ofPod(uid) ?? (isAlive ? this.#launches.claim(uid, workerOf(pod)) : null);
    if (!launch) return;
    if (isRunning(pod)) this.#place(launch, pod);
    if (hasEnded(pod)) void this.#finish(launch, pod);
    else if (!isRunning(pod) && !this.#placed.has(launch))
      launch.events.onPlacing(whyNoPlace(pod) ?? STARTING);
  }

  /** Its process runs: from now on its output is followed. */
  #place(launch: Launch, pod: V1Pod): void {
    if (this.#placed.has(launch)) return;
    this.#placed.add(launch);
    launch.events.onPlaced();
    this.#follow(launch, pod);
  }

  #follow(launch: Launch, pod: V1Pod): void {
    const { onLine, recorded } = launch.events;
    // Of an adopted pod, what an earlier coordinator has recorded is not told again.
    const isAdopted = launch.incarnation === launch.pod;
    const after = isAdopted ? timeOf(recorded.last) : null;
    const name = pod.metadata?.name ?? '';
    const request = { connections: this.#connections, pod: name, container: CONTAINER };
    const isNew = unrecordedLines(isAdopted ? recorded.last : null);
    this.#logs.set(launch, new PodLog({ ...request, after, onLine: (line) => isNew(line) && onLine(line) }));
  }

  #gone(uid: string): void {
    const last = this.#pods.get(uid);
    this.#pods.delete(uid);
    const launch = this.#launches.ofPod(uid);
    if (launch && last) void this.#finish(launch, last);
  }

  async #finish(launch: Launch, pod: V1Pod): Promise<void> {
    if (!this.#launches.end(launch)) return;
    // One that ended before it was seen to run may have said why.
    if (!this.#logs.has(launch) && hasEnded(pod)) this.#follow(launch, pod);
    await this.#logs.get(launch)?.end();
    this.#over(launch, exitOf(pod));
  }

  #over(launch: Launch, exit: WorkerExit): void {
    this.#logs.get(launch)?.close();
    this.#logs.delete(launch);
    this.#placed.delete(launch);
    launch.events.onExit(exit);
  }

  #kill(launch: Launch): void {
    const pod = launch.pod === null ? undefined : this.#pods.get(launch.pod);
    const isThere = () => pod !== undefined && this.#pods.has(pod.metadata?.uid ?? '');
    if (pod) return endPod(this.#cluster, pod, this.#ending, isThere);
    if (this.#launches.end(launch))
      queueMicrotask(() =>
        this.#over(launch, { code: null, signal: null, why: 'was taken back before it had a place' }),
      );
  }

  #tellWaiting(why: string): void {
    for (const { events } of this.#launches.waiting()) events.onPlacing(why);
  }

  #stuckPods(): V1Pod[] {
    return [...this.#pods.values()].filter((pod) => {
      const launch = this.#launches.ofPod(pod.metadata?.uid ?? '');
      return launch !== null && !this.#placed.has(launch) && !hasEnded(pod);
    });
  }
}

function workerOf(pod: V1Pod): string {
  return `w${pod.metadata?.labels?.[INDEX_LABEL] ?? ''}`;
}

/** Workers in pods write JSON lines with their time; without one, all lines come again. */
function timeOf(line: string | null): string | null {
  try {
    const { time } = JSON.parse(line ?? '{}') as { time?: unknown };
    return typeof time === 'string' ? time : null;
  } catch {
    return null;
  }
}

function refusePause(): never {
  throw new BagfleetError('usage', "a pod can't be stopped where it is, only killed", {
    culprit: 'chaos stop',
    hint: 'Use `bagfleet chaos kill`.',
  });
}
