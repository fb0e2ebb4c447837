/**
 * What is left of a run in its cluster, taken away: its coordinator's Job and, with it, all that it owns.
 * In: the run's job as it was submitted, a context. Out: true once no object of the run is left, false if there was
 * none. The run's folder stays.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { KubernetesObject, V1Job } from '@kubernetes/client-node';
import { type Cluster, openCluster } from '../kubernetes/open-cluster.js';
import { selectorOf } from '../launch/kubernetes/manifests/names.js';

const LOOK_MS = 500;
/** Names that are told; of hundreds of pods no more are asked for. */
const NAMED = 5;
/** Kinds that a run has objects of, as `kubectl get` would be asked for them. */
const KINDS = [
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
] as const;

export interface EndRequest {
  readonly job: JobSpec;
  readonly run: string;
  readonly context: string | null;
  /** The deadline. */
  readonly seconds: number;
}

export async function endInCluster({ job, run, context, seconds }: EndRequest): Promise<boolean> {
  const cluster = openCluster({ context, namespace: job.fleet.kubernetes.namespace });
  const { items } = await cluster.objects.list<V1Job>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    labels: selectorOf(run, 'coordinator'),
  });
  if (items.length === 0) return false;
  for (const { metadata } of items)
    await cluster.objects.delete({ apiVersion: 'batch/v1', kind: 'Job', name: metadata?.name ?? '' });
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const left = await objectsOf(cluster, run);
    if (left.length === 0) return true;
    if (performance.now() >= deadline) throw stillThere(run, left, seconds);
    await sleep(LOOK_MS);
  }
}

async function objectsOf(cluster: Cluster, run: string): Promise<string[]> {
  const found: string[] = [];
  for (const { apiVersion, kind } of KINDS) {
    const { items } = await cluster.objects.list<KubernetesObject>({
      apiVersion,
      kind,
      labels: selectorOf(run),
      limit: NAMED,
    });
    found.push(...items.map(({ metadata }) => `${kind} ${metadata?.name}`));
  }
  return found;
}

function stillThere(run: string, left: readonly string[], seconds: number): BagfleetError {
  return new BagfleetError(
    'wait-timeout',
    `is deleted, but after ${seconds} s there are: ${left.join(', ')}`,
    {
      culprit: `run ${run}`,
      hint: 'A node that does not answer keeps its pods: see `kubectl get nodes`.',
    },
  );
}
