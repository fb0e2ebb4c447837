/**
 * Workers for pods that only seem to run: each pod of a run has a session with the coordinator, by the workers' own
 * client and the run's own certificate, and says what a worker says that trains. It computes nothing.
 * In: a run on the cluster whose pods come and go. Out: which generations were begun, with how many members.
 */
import { openCluster } from '@bagfleet/orchestrator/kubernetes/open-cluster';
import { ObjectWatch } from '@bagfleet/orchestrator/kubernetes/watch-objects';
import type { StoreOptions } from '@bagfleet/proto';
import {
  EnteredSchema,
  JoinSchema,
  ReadySchema,
  type Start,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { CoordinatorFinder } from '@bagfleet/worker/session/find-coordinator';
import { SessionClient, type SessionSetting } from '@bagfleet/worker/session/session-client';
import { create } from '@bufbuild/protobuf';
import type { V1Pod, V1Secret } from '@kubernetes/client-node';

const BEAT_SECONDS = 0.5;
const ORPHAN_SECONDS = 600;
const INDEX = 'batch.kubernetes.io/job-completion-index';

export interface SeemingFleet {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly run: string;
  /** The run's folder. */
  readonly uri: string;
  readonly store: StoreOptions;
}

export class SeemingWorkers {
  /** How many members each generation had that was entered, such as `1.2`. */
  readonly generations = new Map<string, number>();
  readonly lost: string[] = [];
  readonly #fleet: SeemingFleet;
  readonly #sessions = new Map<string, SessionClient>();
  readonly #finder: CoordinatorFinder;
  #watch: ObjectWatch<V1Pod> | null = null;

  constructor(fleet: SeemingFleet) {
    this.#fleet = fleet;
    this.#finder = new CoordinatorFinder(fleet.uri, fleet.store);
  }

  /** From now on each pod that is Running joins. */
  async join(): Promise<void> {
    const { run, namespace } = this.#fleet;
    const cluster = clusterOf(this.#fleet);
    const secret = await cluster.objects.get<V1Secret>({
      apiVersion: 'v1',
      kind: 'Secret',
      name: `${run}-identity`,
    });
    const read = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
    const identity = { authority: read('ca.crt'), certificate: read('tls.crt'), key: read('tls.key') };
    const coordinator = await this.#finder.find();
    // This coordinator stays: hundreds of looks a second into the store would be this process's load alone.
    const access = {
      address: coordinator?.address ?? null,
      find: async () => coordinator,
      token: read('token'),
      identity,
    };
    const request = {
      apiVersion: 'v1',
      kind: 'Pod',
      labels: `bagfleet.dev/run=${run},bagfleet.dev/role=worker`,
    };
    this.#watch = new ObjectWatch<V1Pod>(cluster, `/api/v1/namespaces/${namespace}/pods`, request, {
      onObject: (pod) => {
        const { uid = '', deletionTimestamp } = pod.metadata ?? {};
        if (deletionTimestamp !== undefined) void this.#leave(uid);
        else if (pod.status?.phase === 'Running' && !this.#sessions.has(uid))
          this.#sessions.set(uid, this.#begin(pod, uid, access));
      },
      onGone: (uid) => void this.#leave(uid),
    });
  }

  async close(): Promise<void> {
    this.#watch?.close();
    await Promise.all([...this.#sessions.keys()].map((uid) => this.#leave(uid)));
    this.#finder.close();
  }

  #begin(pod: V1Pod, uid: string, access: Omit<SessionSetting, 'join'>): SessionClient {
    const workerId = `w${pod.metadata?.labels?.[INDEX]}`;
    const join = () =>
      create(JoinSchema, {
        workerId,
        incarnation: uid,
        pid: 1,
        fingerprintDigest: 'f',
        fingerprintJson: '{}',
      });
    const session = new SessionClient({ ...access, join });
    session.on('welcome', () => {
      session.beat(BEAT_SECONDS, ORPHAN_SECONDS);
      const peerAddress = `${pod.status?.podIP}:7077`;
      session.keepSaying('ready', {
        case: 'ready',
        value: create(ReadySchema, { peerAddress, probeDigest: 'p' }),
      });
    });
    session.on('start', (start) => this.#enter(session, start));
    session.on('stop', () => void this.#leave(uid));
    session.on('lost', (error) => this.lost.push(`${workerId}: ${error.message}`));
    session.open();
    return session;
  }

  #enter(session: SessionClient, { generation, members }: Start): void {
    const { lease = 0, number = 0 } = generation ?? {};
    this.generations.set(`${lease}.${number}`, members.length);
    session.keepSaying('entered', {
      case: 'entered',
      value: create(EnteredSchema, { generation: { lease, number }, step: 0n }),
    });
    session.doing('step', 1, number);
  }

  async #leave(uid: string): Promise<void> {
    const session = this.#sessions.get(uid);
    this.#sessions.delete(uid);
    await session?.close();
  }
}

function clusterOf({ kubeconfig, namespace }: SeemingFleet): ReturnType<typeof openCluster> {
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = kubeconfig;
  try {
    return openCluster({ context: null, namespace });
  } finally {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  }
}
