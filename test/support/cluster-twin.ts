/** A cluster that keeps crons in memory and writes down what it was asked for. It starts nothing. */
import type { ClusterCron, CronCluster } from '@bagfleet/orchestrator/cron/cron-cluster';
import { isSuspended } from '@bagfleet/orchestrator/cron/cron-cluster';
import type { Cron } from '@bagfleet/proto';

export class ClusterTwin implements CronCluster {
  readonly place = 'the twin';
  readonly asked: string[] = [];
  readonly #crons = new Map<string, boolean>();

  async apply(cron: Cron): Promise<void> {
    this.asked.push(`apply ${cron.name}`);
    this.#crons.set(cron.name, isSuspended(cron));
  }

  async get(name: string): Promise<ClusterCron | null> {
    const suspended = this.#crons.get(name);
    return suspended === undefined ? null : { name, suspended, active: [], lastScheduledAt: null };
  }

  async suspend(name: string): Promise<void> {
    this.asked.push(`suspend ${name}`);
    this.#crons.set(name, true);
  }

  async resume(name: string): Promise<void> {
    this.asked.push(`resume ${name}`);
    this.#crons.set(name, false);
  }

  async runNow({ name }: Cron, at: Date): Promise<string> {
    this.asked.push(`run ${name} ${at.toISOString()}`);
    return `${name}-by-hand`;
  }

  async delete(name: string): Promise<void> {
    this.asked.push(`delete ${name}`);
    this.#crons.delete(name);
  }
}
