/**
 * A coordinator in a pod of its Job.
 * In: BAGFLEET_JOB, BAGFLEET_POD, BAGFLEET_POD_UID, BAGFLEET_NAMESPACE, BAGFLEET_HOST, BAGFLEET_PORT,
 * BAGFLEET_METRICS_PORT, the pod's service account. Out: its surroundings. Errors: `cluster-unavailable` (Kubernetes
 * starts the pod again), `cluster-denied`.
 */
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { V1Job, V1OwnerReference, V1Pod } from '@kubernetes/client-node';
import { readLease } from '../../coordinator/lease/lease-file.js';
import { type Cluster, openCluster } from '../../kubernetes/open-cluster.js';
import { requiredVariable } from '../required-variable.js';
import type { Surroundings } from '../surroundings.js';
import { JobAnnouncer } from './announce/job-announcer.js';
import { LABELS } from './manifests/names.js';
import { PodLauncher } from './pod-launcher.js';
import { hasEnded } from './pod-state.js';
import { ensureRunSecrets } from './run-secrets.js';

export async function inPod(job: JobSpec, run: string, store: ObjectStore): Promise<Surroundings> {
  const cluster = openCluster({ context: null, namespace: requiredVariable('BAGFLEET_NAMESPACE') });
  const jobName = requiredVariable('BAGFLEET_JOB');
  const owner = await ownerOf(cluster, jobName, run);
  const { token, identity } = await ensureRunSecrets(cluster, run, owner);
  const pod = { name: requiredVariable('BAGFLEET_POD'), uid: requiredVariable('BAGFLEET_POD_UID') };
  const host = requiredVariable('BAGFLEET_HOST');
  const { objects } = cluster;
  return {
    launcher: new PodLauncher({ cluster, job, place: { run, uri: store.uri }, owner }),
    announcer: new JobAnnouncer({ objects, job: owner, pod: pod.name, say: console.log }),
    token,
    identity,
    holder: holderOf(pod),
    deadHolder: await deadHolder(cluster, store),
    listenAt: { host, port: Number(requiredVariable('BAGFLEET_PORT')) },
    vitalsAt: { host, port: Number(requiredVariable('BAGFLEET_METRICS_PORT')) },
    apiCalls: () => objects.calls,
    isEndOfRun: () => isDeleted(cluster, jobName, owner.uid),
  };
}

/** Without `controller: true`: Kueue counts a Job that another one controls as part of that one. */
async function ownerOf(cluster: Cluster, name: string, run: string): Promise<V1OwnerReference> {
  const named = { apiVersion: 'batch/v1', kind: 'Job', name };
  const job = await cluster.objects.get<V1Job>(named);
  const uid = job?.metadata?.uid;
  if (uid !== undefined) {
    // The Job of a night is made before anybody knows its run.
    if (job?.metadata?.labels?.[LABELS.run] !== run)
      await cluster.objects.patch(named, { metadata: { labels: { [LABELS.run]: run } } });
    return { ...named, uid };
  }
  throw new BagfleetError('cluster-missing', 'is gone: its pods will be, too', { culprit: `Job ${name}` });
}

/** If the API server does not say, another coordinator may come: the run goes on. */
async function isDeleted(cluster: Cluster, name: string, uid: string): Promise<boolean> {
  try {
    const job = await cluster.objects.get<V1Job>({ apiVersion: 'batch/v1', kind: 'Job', name });
    return job?.metadata?.uid !== uid || job.metadata.deletionTimestamp !== undefined;
  } catch {
    return false;
  }
}

interface PodName {
  readonly name: string;
  readonly uid: string;
}

function holderOf({ name, uid }: PodName): string {
  return `pod/${name}/${uid}`;
}

/** The lease's holder, if its pod is gone or has ended: no need to wait for the end of its term. */
async function deadHolder(cluster: Cluster, store: ObjectStore): Promise<string | null> {
  const holder = (await readLease(store))?.record.holder ?? '';
  const [kind, name, uid] = holder.split('/');
  if (kind !== 'pod') return null;
  const pod = await cluster.objects.get<V1Pod>({ apiVersion: 'v1', kind: 'Pod', name });
  return !pod || pod.metadata?.uid !== uid || hasEnded(pod) ? holder : null;
}
