/**
 * A job as it is stored with its run. On Kubernetes: with the namespace that the kubeconfig gives, and only with places
 * that pods can reach.
 */
import type { JobSpec } from '@bagfleet/proto';
import { settleInCluster } from '../job-file/settle-in-cluster.js';

/** `context` of the kubeconfig; null takes the current one. */
export async function settledJob(job: JobSpec, context: string | null): Promise<JobSpec> {
  if (job.fleet.engine !== 'kubernetes') return job;
  const { openCluster } = await import('../kubernetes/open-cluster.js'); // the client takes half a second to load
  return settleInCluster(job, openCluster({ context, namespace: job.fleet.kubernetes.namespace }).namespace);
}
