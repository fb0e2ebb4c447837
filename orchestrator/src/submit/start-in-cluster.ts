/**
 * Starts a run on Kubernetes: creates the coordinator's Job, which does the rest.
 * In: a resolved job with image and namespace, the run. Out: the started run. Errors: `cluster-denied`,
 * `cluster-refused`, `cluster-unavailable`, before anything is there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { V1Job } from '@kubernetes/client-node';
import { type Cluster, openCluster } from '../kubernetes/open-cluster.js';
import { coordinatorJob } from '../launch/kubernetes/manifests/coordinator-job.js';
import type { RunPlace } from '../launch/kubernetes/manifests/pod-parts.js';
import { CoordinatorWatch } from './coordinator-watch.js';
import type { StartedRun } from './started-run.js';

const GONE_SECONDS = 60;
const LOOK_MS = 500;

export async function startInCluster(
  job: JobSpec,
  place: RunPlace,
  context: string | null,
): Promise<StartedRun> {
  const cluster = openCluster({ context, namespace: job.fleet.kubernetes.namespace });
  const manifest = coordinatorJob(job, place);
  const name = manifest.metadata?.name ?? '';
  await removeEarlier(cluster, name);
  if (!(await cluster.objects.create(manifest)))
    throw new BagfleetError('run-held', 'has a Job already', { culprit: `run ${place.run}` });
  const watch = new CoordinatorWatch(cluster, name);
  return {
    ...place,
    words: () => watch.words(),
    ended: () => watch.hasEnded,
    heldUpBy: () => watch.heldUpBy,
    withdraw: () => cluster.objects.delete({ apiVersion: 'batch/v1', kind: 'Job', name }),
    letGo: () => watch.close(),
  };
}

/** Of a run that is resumed: the Job of its earlier life. */
async function removeEarlier(cluster: Cluster, name: string): Promise<void> {
  const job = { apiVersion: 'batch/v1', kind: 'Job', name };
  if (!(await cluster.objects.get<V1Job>(job))) return;
  await cluster.objects.delete(job);
  for (let waited = 0; waited < GONE_SECONDS * 1000; waited += LOOK_MS) {
    if (!(await cluster.objects.get<V1Job>(job))) return;
    await sleep(LOOK_MS);
  }
  throw new BagfleetError('wait-timeout', `was deleted, but is there after ${GONE_SECONDS} s`, {
    culprit: `Job ${name}`,
    hint: 'See `kubectl describe job`: a finalizer may hold it.',
  });
}
