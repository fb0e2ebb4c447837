/**
 * One look at the coordinator's Job, for whoever has submitted it or asks how it stands.
 * In: a cluster, the Job's name. Out: what holds it up, in plain words; whether it has ended; its newest pod.
 * Errors as the API server gives them.
 */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type CoreV1Event, Log, type V1Job, type V1Pod } from '@kubernetes/client-node';
import { newestEvent } from '../kubernetes/newest-event.js';
import type { Cluster } from '../kubernetes/open-cluster.js';
import { whyNoPod } from '../launch/kubernetes/hold-up-words.js';
import { exitOf, hasEnded, isRunning, whyNoPlace } from '../launch/kubernetes/pod-state.js';

const LAST_LINES = 20;
const CONTAINER = 'coordinator';

export interface CoordinatorSeen {
  /** null when nothing is known to hold it up. */
  readonly heldUpBy: string | null;
  /** Complete, failed for good, or gone. */
  readonly hasEnded: boolean;
  readonly newestPod: V1Pod | null;
}

export async function lookAtCoordinator(cluster: Cluster, name: string): Promise<CoordinatorSeen> {
  const { objects } = cluster;
  const job = await objects.get<V1Job>({ apiVersion: 'batch/v1', kind: 'Job', name });
  const { items } = await objects.list<V1Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    labels: `batch.kubernetes.io/job-name=${name}`,
  });
  const newestPod = items.sort((a, b) => createdAt(a) - createdAt(b)).at(-1) ?? null;
  const isOver = (job?.status?.conditions ?? []).some(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );
  const heldUpBy = newestPod
    ? await holdUpOf(cluster, newestPod, isOver)
    : await whyPodless(cluster, name, job !== null);
  return { heldUpBy, hasEnded: !job || isOver, newestPod };
}

/** The last lines of a coordinator's pod; empty when they can't be had. */
export async function lastWordsOf(cluster: Cluster, pod: string): Promise<string> {
  const stream = new PassThrough();
  try {
    const reading = text(stream);
    const request = { tailLines: LAST_LINES };
    await new Log(cluster.config).log(cluster.namespace, pod, CONTAINER, stream, request);
    return (await reading).trim();
  } catch {
    return '';
  }
}

async function holdUpOf(cluster: Cluster, pod: V1Pod, isOver: boolean): Promise<string | null> {
  if (isRunning(pod)) return null;
  const why = hasEnded(pod) ? null : whyNoPlace(pod);
  if (why !== null) return `the coordinator's pod has no place yet: ${why}`;
  if (!hasEnded(pod)) return null;
  const { code, why: ending } = exitOf(pod, null);
  if (code === 0) return null;
  const last = (await lastWordsOf(cluster, pod.metadata?.name ?? '')).split('\n').at(-1);
  const words = last ? `. Its last words: ${last}` : '';
  const next = isOver ? 'Kubernetes starts no other' : 'Kubernetes starts another';
  return `the coordinator's pod ${ending ?? `ended with exit code ${code}`}; ${next}${words}`;
}

async function whyPodless(cluster: Cluster, name: string, isThere: boolean): Promise<string | null> {
  if (!isThere) return `there is no Job ${name} in the namespace ${cluster.namespace}`;
  const { items } = await cluster.objects.list<CoreV1Event>({
    apiVersion: 'v1',
    kind: 'Event',
    fields: `involvedObject.name=${name},type=Warning`,
  });
  const last = newestEvent(items);
  return last ? whyNoPod(last, "the coordinator's pod") : null;
}

function createdAt({ metadata }: V1Pod): number {
  return new Date(metadata?.creationTimestamp ?? 0).getTime();
}
