/**
 * The clock of crons on Kubernetes: a CronJob for each cron.
 * In: crons. Out: CronJobs and their Jobs in the namespace of the cron's job.
 */
import { BagfleetError, type Cron, type JobSpec } from '@bagfleet/proto';
import type { V1CronJob } from '@kubernetes/client-node';
import { type ClusterCron, type CronCluster, isSuspended } from '../../cron/cron-cluster.js';
import { type Cluster, openCluster } from '../../kubernetes/open-cluster.js';
import { cronJob, nightJob } from './manifests/cron-job.js';

export function openCronCluster(job: JobSpec, context: string | null): CronCluster {
  return new CronJobs(openCluster({ context, namespace: job.fleet.kubernetes.namespace }));
}

class CronJobs implements CronCluster {
  readonly place: string;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.place = `context ${cluster.config.getCurrentContext()}, namespace ${cluster.namespace}`;
  }

  async apply(cron: Cron): Promise<void> {
    await this.#cluster.objects.apply(cronJob(cron));
  }

  async get(name: string): Promise<ClusterCron | null> {
    const found = await this.#find(name);
    if (!found) return null;
    const { spec, status } = found;
    return {
      name,
      suspended: spec?.suspend ?? false,
      active: (status?.active ?? []).flatMap((job) => job.name ?? []),
      lastScheduledAt: status?.lastScheduleTime ? new Date(status.lastScheduleTime) : null,
    };
  }

  async suspend(name: string): Promise<void> {
    await this.#cluster.objects.patch(named(name), { spec: { suspend: true } });
  }

  async resume(name: string): Promise<void> {
    await this.#cluster.objects.patch(named(name), { spec: { suspend: false } });
  }

  async runNow(cron: Cron, at: Date): Promise<string> {
    const owner = await this.#find(cron.name);
    const uid = owner?.metadata?.uid;
    if (uid === undefined) throw missing(cron, this.place);
    const job = nightJob(cron, at, { ...named(cron.name), uid });
    const made = await this.#cluster.objects.create(job);
    // null: the same night was asked for already.
    return made?.metadata?.name ?? job.metadata?.name ?? '';
  }

  async delete(name: string): Promise<void> {
    await this.#cluster.objects.delete(named(name));
  }

  #find(name: string): Promise<V1CronJob | null> {
    return this.#cluster.objects.get<V1CronJob>(named(name));
  }
}

function named(name: string): { apiVersion: string; kind: string; name: string } {
  return { apiVersion: 'batch/v1', kind: 'CronJob', name };
}

function missing(cron: Cron, place: string): BagfleetError {
  const state = isSuspended(cron) ? 'suspended in the store' : 'in the store';
  return new BagfleetError('cluster-missing', `is ${state}, but has no CronJob (${place})`, {
    culprit: `cron ${cron.name}`,
    hint: 'Make it with `bagfleet cron apply`, or choose another cluster with --context.',
  });
}
