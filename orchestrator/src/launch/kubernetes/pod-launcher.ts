/**
 * Workers as pods of one Indexed Job: Kubernetes starts them, and again when they end; the coordinator decides which
 * of them count. A pod hosts one worker, or, with several GPUs, one for each.
 * In: launches by the core, pods as the API server tells them. Out: for each launch why it has no place yet, its
 * lines, its end.
 *
 * A launch waits for a pod that hosts its worker and is bound to the first that is alive; a process that joins names
 * its pod. A process that nobody has asked for may live, but is refused until the core launches that id.
 */
import type { JobSpec } from '@bagfleet/proto';
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
import { podsFor, workersPerPod } from '../worker-places.js';
import { endPod } from './end-pod.js';
import { HoldUpEvents } from './hold-up-events.js';
import { LogConnections } from './log-connections.js';
import { selectorOf } from './manifests/names.js';
import type { RunPlace } from './manifests/pod-parts.js';
import { type Launch, PodLaunches, podOf } from './pod-launches.js';
import type { EndedProcess } from './pod-output.js';
import { PodOutputs } from './pod-outputs.js';
import { exitOf, hasEnded, hasSucceeded, isAlive, isRunning, whyNoPlace, workersOf } from './pod-state.js';
import { WorkersSize } from './workers-size.js';

/** Requests of one kind at the same time, however many pods there are. */
const AT_ONCE = 16;
const STARTING = 'its pod is being started';
const UNSEEN_END: WorkerExit = { code: null, signal: null, why: 'was started again by its pod' };
const TAKEN_BACK: WorkerExit = { code: null, signal: null, why: 'was taken back before it had a place' };
/** Below the time after which the core takes a killed process as ended. */
const LEAVE_MS = 8000;

export interface PodLauncherParts {
  readonly cluster: Cluster;
  readonly job: JobSpec;
  readonly place: RunPlace;
  /** The coordinator's Job. */
  readonly owner: V1OwnerReference;
}

export class PodLauncher implements Launcher {
  readonly #cluster: Cluster;
  readonly #perPod: number;
  readonly #begunAt = new Date();
  readonly #launches = new PodLaunches();
  readonly #pods = new Map<string, V1Pod>();
  readonly #outputs: PodOutputs;
  readonly #ending = new Set<string>();
  readonly #placed = new Set<Launch>();
  #hasRun = false;
  /** Processes that joined without having been asked for. */
  readonly #strangers = new Set<string>();
  readonly #deleting = new FewAtOnce(AT_ONCE);
  readonly #size: WorkersSize;
  readonly #watch: ObjectWatch<V1Pod>;
  readonly #holdUps: HoldUpEvents;

  constructor({ cluster, job, place, owner }: PodLauncherParts) {
    this.#cluster = cluster;
    this.#perPod = workersPerPod(job.fleet);
    this.#outputs = new PodOutputs({
      connections: new LogConnections(cluster, new FewAtOnce(AT_ONCE)),
      perPod: this.#perPod,
      onEnded: (...end) => this.#ended(...end),
    });
    const onTrouble = (why: string | null) => this.#tellUnplaced(this.#launches.waiting(), why ?? STARTING);
    this.#size = new WorkersSize({ cluster, job, place, owner, onTrouble });
    const path = `/api/v1/namespaces/${cluster.namespace}/pods`;
    const request = { apiVersion: 'v1', kind: 'Pod', labels: selectorOf(place.run, 'worker') };
    this.#watch = new ObjectWatch<V1Pod>(cluster, path, request, {
      onObject: (pod) => this.#see(pod),
      onGone: (uid) => this.#gone(uid),
      onTrouble: (why) => why && this.#tellUnplaced(this.#launches.all(), `its pod can't be seen: ${why}`),
    });
    this.#holdUps = new HoldUpEvents(cluster, place.run, {
      podless: () => this.#launches.waiting().length > 0,
      past: () => (!this.#hasRun ? 'new' : this.#size.hasResized ? 'resized' : 'ran'),
      stuck: () => this.#stuckPods(),
      onPodless: (why) => this.#tellUnplaced(this.#launches.waiting(), why),
      onStuck: (uid, why) => this.#tellUnplaced(this.#launches.ofPod(uid), why),
    });
  }

  launch({ workerId, incarnation }: WorkerEnvironment, events: WorkerEvents): LaunchedWorker {
    const launch: Launch = { workerId, incarnation, events, pod: null, process: null };
    this.#launches.add(launch);
    // After this call: its caller has to know it first.
    queueMicrotask(() => {
      this.#seePodsOf(workerId);
      if (launch.pod === null) events.onPlacing(STARTING);
    });
    return this.#handle(launch);
  }

  adopt({ workerId, incarnation }: LivingWorker, events: WorkerEvents): LaunchedWorker {
    const pod = podOf(incarnation);
    const launch: Launch = { workerId, incarnation, events, pod, process: incarnation };
    this.#launches.add(launch);
    this.#strangers.delete(incarnation);
    queueMicrotask(() => this.#seePodsOf(workerId));
    return this.#handle(launch);
  }

  /** A process names itself by its pod's uid, and its start where the pod has several. */
  incarnationOf(workerId: string, told: string): string {
    const borne = this.#launches.borne(podOf(told), workerId);
    // A pod runs one process of a worker at a time: the one before has ended.
    if (borne && borne.process !== null && borne.process !== told) this.#over(borne, UNSEEN_END);
    const launch = this.#launches.join(workerId, told);
    if (launch) return launch.incarnation;
    this.#strangers.add(told);
    return told;
  }

  resize(ids: number): void {
    this.#size.set(podsFor(ids, this.#perPod));
  }

  startNoMore(): void {
    this.#size.suspend();
  }

  close(): void {
    this.#watch.close();
    this.#holdUps.close();
    this.#size.close();
    this.#outputs.close();
  }

  async clear(): Promise<void> {
    await this.#size.remove();
    this.close();
  }

  #handle(launch: Launch): LaunchedWorker {
    return { kill: () => this.#kill(launch), pause: () => false };
  }

  #see(pod: V1Pod): void {
    const uid = pod.metadata?.uid ?? '';
    this.#pods.set(uid, pod);
    // Kubernetes never replaces one that ended with 0: how it ended is all that a launch of its worker will see.
    if (isAlive(pod) || hasSucceeded(pod))
      for (const worker of workersOf(pod, this.#perPod)) this.#launches.bind(uid, worker);
    if (isRunning(pod)) for (const launch of this.#launches.ofPod(uid)) this.#place(launch, pod);
    if (hasEnded(pod)) void this.#finish(pod);
    else if (!isRunning(pod)) this.#tellUnplaced(this.#launches.ofPod(uid), whyNoPlace(pod) ?? STARTING);
  }

  #seePodsOf(worker: string): void {
    for (const pod of this.#podsOf(worker)) this.#see(pod);
  }

  /** Its pod runs: from now on its output is followed. */
  #place(launch: Launch, pod: V1Pod): void {
    if (this.#placed.has(launch)) return;
    this.#placed.add(launch);
    this.#hasRun = true;
    launch.events.onPlaced();
    this.#follow(launch, pod);
  }

  #follow({ workerId, incarnation, process, events }: Launch, pod: V1Pod): void {
    const { onLine, recorded } = events;
    // What an earlier coordinator has recorded is not told again.
    const isAdopted = incarnation === process;
    const last = isAdopted || this.#isInherited(pod) ? recorded.last : null;
    this.#outputs.listen(pod, { worker: workerId, last, onLine });
  }

  /** One of several processes of a pod. What happened before this coordinator began is in the log as well. */
  #ended(uid: string, worker: string, { process, code, signal }: EndedProcess, time: Date): void {
    const launch = this.#launches.borne(uid, worker);
    if (this.#strangers.delete(process) || !launch) return;
    const isIts = launch.process === process || (launch.process === null && time >= this.#begunAt);
    if (isIts) this.#over(launch, { code, signal, why: null });
  }

  #gone(uid: string): void {
    const last = this.#pods.get(uid);
    this.#pods.delete(uid);
    if (last) void this.#finish(last);
  }

  async #finish(pod: V1Pod): Promise<void> {
    const uid = pod.metadata?.uid ?? '';
    const launches = this.#launches.ofPod(uid);
    if (launches.length === 0 || this.#ending.has(uid)) return;
    this.#ending.add(uid);
    // Those that ended before they were seen to run may have said why.
    if (hasEnded(pod))
      for (const launch of launches) if (!this.#placed.has(launch)) this.#follow(launch, pod);
    await this.#outputs.end(uid);
    this.#ending.delete(uid);
    for (const launch of this.#launches.ofPod(uid))
      this.#over(launch, exitOf(pod, launch.events.peakBytes()));
  }

  #over(launch: Launch, exit: WorkerExit): void {
    if (!this.#launches.end(launch)) return;
    const { workerId, pod, events } = launch;
    this.#placed.delete(launch);
    if (pod !== null) this.#outputs.unlisten(pod, workerId);
    events.onExit(exit);
    // Another launch of this worker may have waited for its place.
    queueMicrotask(() => this.#seePodsOf(workerId));
  }

  #kill(launch: Launch): void {
    const uid = launch.pod ?? '';
    const pod = this.#pods.get(uid);
    if (!pod) return queueMicrotask(() => this.#over(launch, TAKEN_BACK));
    const end = () => {
      if (this.#launches.isLive(launch))
        endPod(this.#cluster, pod, this.#deleting, () => this.#pods.has(uid));
    };
    if (this.#perPod === 1) return end();
    // Its session is dropped: it leaves by itself and is started again. One that does not hear takes its pod along.
    setTimeout(end, LEAVE_MS).unref();
  }

  #tellUnplaced(launches: readonly Launch[], why: string): void {
    for (const launch of launches) if (!this.#placed.has(launch)) launch.events.onPlacing(why);
  }

  #stuckPods(): V1Pod[] {
    return [...this.#pods.values()].filter(
      (pod) =>
        !hasEnded(pod) &&
        this.#launches.ofPod(pod.metadata?.uid ?? '').some((launch) => !this.#placed.has(launch)),
    );
  }

  #podsOf(worker: string): V1Pod[] {
    return [...this.#pods.values()].filter((pod) => workersOf(pod, this.#perPod).includes(worker));
  }

  /** An earlier coordinator may have recorded what it wrote. */
  #isInherited({ metadata }: V1Pod): boolean {
    return new Date(metadata?.creationTimestamp ?? 0) < this.#begunAt;
  }
}
