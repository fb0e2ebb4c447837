/**
 * The coordinator as a Job: Kubernetes starts it again until the run has its verdict.
 * In: a resolved job with an image, the run. Out: the Job, ready to be created; its pod alone for a CronJob.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { V1EnvVar, V1Job, V1PodFailurePolicy, V1PodTemplateSpec } from '@kubernetes/client-node';
import { METRICS_PORT, withProbes } from './coordinator-probes.js';
import { coordinatorName, labelsOf } from './names.js';
import {
  commonEnvironment,
  commonMounts,
  commonVolumes,
  containerSecurity,
  entryPoint,
  environmentSecrets,
  fieldOf,
  podSecurity,
  pullSecrets,
  type RunPlace,
} from './pod-parts.js';

/** Deaths that Kubernetes makes good; evictions and deletions don't count. */
const MOST_DEATHS = 20;
const CPU = '250m';
/** On top of fleet.stopTimeout: the coordinator's own last resort ends before the kubelet's. */
const GRACE_SECONDS = 15;
export const COORDINATOR_PORT = 7070;

export function coordinatorJob(job: JobSpec, place: RunPlace): V1Job {
  const { run } = place;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: coordinatorName(run), labels: labelsOf(run, 'coordinator') },
    spec: {
      ...coordinatorJobRules(job),
      template: withProbes(
        coordinatorPod(job, labelsOf(run, 'coordinator'), [
          ...commonEnvironment(job, place),
          ...whereabouts(job),
        ]),
      ),
    },
  };
}

/** How Kubernetes treats the Job: also for the Jobs that a CronJob makes. */
export function coordinatorJobRules({
  fleet,
}: JobSpec): Pick<
  NonNullable<V1Job['spec']>,
  'backoffLimit' | 'podFailurePolicy' | 'ttlSecondsAfterFinished'
> {
  return {
    backoffLimit: MOST_DEATHS,
    ttlSecondsAfterFinished: fleet.kubernetes.ttlSeconds,
    podFailurePolicy: failurePolicy(),
  };
}

/** `entry`: which program of the image; `environment` is all that it knows. */
export function coordinatorPod(
  job: JobSpec,
  labels: Record<string, string>,
  environment: readonly V1EnvVar[],
  entry = 'orchestrator/dist/coordinator/coordinator-main.js',
): V1PodTemplateSpec {
  const { kubernetes, stopTimeout } = job.fleet;
  return {
    metadata: { labels },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: kubernetes.serviceAccounts.coordinator,
      terminationGracePeriodSeconds: Math.ceil(stopTimeout) + GRACE_SECONDS,
      hostNetwork: kubernetes.hostNetwork,
      securityContext: podSecurity(),
      imagePullSecrets: pullSecrets(job),
      volumes: commonVolumes(job),
      containers: [
        {
          name: 'coordinator',
          image: kubernetes.coordinatorImage ?? kubernetes.image ?? '',
          imagePullPolicy: kubernetes.imagePullPolicy,
          command: entryPoint(entry),
          env: [...environment],
          envFrom: environmentSecrets(job),
          ports: kubernetes.hostNetwork
            ? []
            : [
                { name: 'session', containerPort: COORDINATOR_PORT },
                { name: 'metrics', containerPort: METRICS_PORT },
              ],
          resources: {
            requests: { cpu: CPU, memory: kubernetes.coordinatorMemory },
            limits: { memory: kubernetes.coordinatorMemory },
          },
          securityContext: containerSecurity(),
          volumeMounts: commonMounts(job),
        },
      ],
    },
  };
}

/** Which pod this is, and where workers reach it. */
export function whereabouts({ fleet }: JobSpec): V1EnvVar[] {
  const port = fleet.port || (fleet.kubernetes.hostNetwork ? 0 : COORDINATOR_PORT);
  return [
    fieldOf('BAGFLEET_POD', 'metadata.name'),
    fieldOf('BAGFLEET_POD_UID', 'metadata.uid'),
    fieldOf('BAGFLEET_NAMESPACE', 'metadata.namespace'),
    fieldOf('BAGFLEET_JOB', "metadata.labels['batch.kubernetes.io/job-name']"),
    fieldOf('BAGFLEET_HOST', 'status.podIP'),
    { name: 'BAGFLEET_PORT', value: String(port) },
    { name: 'BAGFLEET_METRICS_PORT', value: String(fleet.kubernetes.hostNetwork ? 0 : METRICS_PORT) },
  ];
}

/** Disruptions and orderly ends (143) are not held against it; a verdict (1, 2, 130) is final. */
function failurePolicy(): V1PodFailurePolicy {
  return {
    rules: [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [143] } },
      { action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 2, 130] } },
    ],
  };
}
