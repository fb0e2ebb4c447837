/**
 * The clock of crons: a cluster that starts a night's process at its time. The store stays the truth of what a cron
 * is and what came of its nights; the cluster knows when, and whether one of its processes runs.
 */
import type { Cron, JobSpec } from '@bagfleet/proto';

export interface ClusterCron {
  readonly name: string;
  readonly suspended: boolean;
  /** Nights whose processes exist now, by the names of their Jobs. */
  readonly active: readonly string[];
  readonly lastScheduledAt: Date | null;
}

export interface CronCluster {
  /** In words, for people: `context kind, namespace ml`. */
  readonly place: string;
  /** Creates it, or makes it what the record says. */
  apply(cron: Cron): Promise<void>;
  /** null when the cluster has none of this name. */
  get(name: string): Promise<ClusterCron | null>;
  suspend(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** Starts a night at once, keyed by `at`; out: the name of its Job. */
  runNow(cron: Cron, at: Date): Promise<string>;
  /** What is not there is no error. */
  delete(name: string): Promise<void>;
}

/** The cluster that keeps the clock of a cron with this job; null for one of this machine, which nobody does. */
export type FindCluster = (job: JobSpec, context: string | null) => Promise<CronCluster | null>;

/** The fields of a CronJob's spec that the cron decides; the pod's template is another's matter. */
export interface CronJobFields {
  readonly schedule: string;
  readonly timeZone: string;
  readonly concurrencyPolicy: 'Forbid';
  readonly startingDeadlineSeconds: number;
  readonly suspend: boolean;
  readonly successfulJobsHistoryLimit: number;
  readonly failedJobsHistoryLimit: number;
}

/** Finished Jobs that the cluster keeps: the history is in the store. */
const SUCCESSFUL_KEPT = 3;
const FAILED_KEPT = 3;

export function cronJobFields(cron: Cron): CronJobFields {
  const { schedule, timeZone } = currentClock(cron);
  return {
    schedule,
    timeZone,
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: cron.startingDeadline,
    suspend: isSuspended(cron),
    successfulJobsHistoryLimit: SUCCESSFUL_KEPT,
    failedJobsHistoryLimit: FAILED_KEPT,
  };
}

export function currentClock({ clocks }: Cron): Cron['clocks'][number] {
  return clocks[clocks.length - 1];
}

export function isSuspended({ pauses }: Cron): boolean {
  return pauses.length > 0 && pauses[pauses.length - 1].to === null;
}
