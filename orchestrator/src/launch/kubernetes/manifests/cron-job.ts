/**
 * A cron as a CronJob whose pods are the nights' coordinators, and a night at once as a Job of it.
 * In: a cron's record. Out: manifests. The cluster's name for a cron is the cron's own name.
 */
import type { Cron } from '@bagfleet/proto';
import type { V1CronJob, V1EnvVar, V1Job, V1JobSpec, V1OwnerReference } from '@kubernetes/client-node';
import { cronJobFields } from '../../../cron/cron-cluster.js';
import { coordinatorJobRules, coordinatorPod, whereabouts } from './coordinator-job.js';
import { LABELS } from './names.js';
import { fieldOf, standingEnvironment } from './pod-parts.js';

const ENTRY = 'orchestrator/dist/cron/night-main.js';

export function cronJob(cron: Cron): V1CronJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: cron.name, labels: cronLabels(cron.name) },
    spec: {
      ...cronJobFields(cron),
      jobTemplate: { metadata: { labels: cronLabels(cron.name) }, spec: nightSpec(cron, []) },
    },
  };
}

/** Beside the schedule: as `kubectl create job --from=cronjob/…` makes it, keyed by the time of asking. */
export function nightJob(cron: Cron, at: Date, owner: V1OwnerReference): V1Job {
  const asked: V1EnvVar[] = [
    { name: 'BAGFLEET_NIGHT', value: at.toISOString() },
    { name: 'BAGFLEET_NIGHT_BY', value: 'person' },
  ];
  const stamp = Math.floor(at.getTime() / 1000).toString(36);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `${cron.name}-now-${stamp}`,
      labels: cronLabels(cron.name),
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [owner],
    },
    spec: nightSpec(cron, asked),
  };
}

/** The run's own label comes when the night begins: before that nobody knows which run it is. */
export function cronLabels(name: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'bagfleet',
    'app.kubernetes.io/component': 'coordinator',
    'app.kubernetes.io/managed-by': 'bagfleet',
    [LABELS.cron]: name,
    [LABELS.role]: 'coordinator',
  };
}

function nightSpec(cron: Cron, asked: readonly V1EnvVar[]): V1JobSpec {
  const { job } = cron;
  const environment = [
    ...standingEnvironment(job),
    { name: 'BAGFLEET_STORE_OPTIONS', value: JSON.stringify(job.store) },
    { name: 'BAGFLEET_CRON', value: cron.name },
    fieldOf('BAGFLEET_JOB_NAME', "metadata.labels['batch.kubernetes.io/job-name']"),
    ...asked,
    ...whereabouts(job),
  ];
  return {
    ...coordinatorJobRules(job),
    template: coordinatorPod(job, cronLabels(cron.name), environment, ENTRY),
  };
}
