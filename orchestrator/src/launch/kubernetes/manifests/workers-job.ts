/**
 * The workers as an Indexed Job: index i bears worker w<i>, or with G GPUs per pod w<i·G> and those after it. A pod that
 * ends is replaced by Kubernetes, unless it ended with exit code 0, which it gives only when the run is complete.
 * In: a resolved job, the run, how many pods, who owns it. Out: the Job, and the patch that changes its size.
 */
import type { JobSpec } from '@bagfleet/proto';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { visibleGpu } from '@bagfleet/worker/engine/visible-gpu';
import type {
  V1Container,
  V1ContainerPort,
  V1EnvVar,
  V1Job,
  V1OwnerReference,
  V1PodTemplateSpec,
  V1ResourceRequirements,
  V1Toleration,
} from '@kubernetes/client-node';
import { workersPerPod } from '../../worker-places.js';
import { identityName, labelsOf, workersName } from './names.js';
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
import { spotPlacement } from './spot-nodes.js';

/** The coordinator decides how often a worker comes back; Kubernetes' own limit only has to lie above it. */
const MOST_DEATHS_PER_INDEX = 1000;
/** A worker hands its step back within 25 s. */
const GRACE_SECONDS = 30;
const PEER_PORT = 7077;
const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
const ELASTIC_ANNOTATION = 'kueue.x-k8s.io/elastic-job';
const IDENTITY_FOLDER = '/var/run/bagfleet/identity';

export function workersJob(job: JobSpec, place: RunPlace, pods: number, owner: V1OwnerReference): V1Job {
  const { run } = place;
  const { queue } = job.fleet.kubernetes;
  const labels = { ...labelsOf(run, 'worker'), ...(queue === null ? {} : { [QUEUE_LABEL]: queue }) };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: workersName(run),
      labels,
      annotations: queue === null ? {} : { [ELASTIC_ANNOTATION]: 'true' },
      ownerReferences: [owner],
    },
    spec: {
      completionMode: 'Indexed',
      ...workersSize(pods).spec,
      ...(queue === null ? {} : { suspend: true }),
      backoffLimitPerIndex: MOST_DEATHS_PER_INDEX,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'Ignore', onExitCodes: { operator: 'In', values: [143] } },
        ],
      },
      template: workerPod(job, place),
    },
  };
}

/** An elastic Indexed Job changes both at once, and only if they stay equal. */
export function workersSize(pods: number): { spec: { parallelism: number; completions: number } } {
  return { spec: { parallelism: pods, completions: pods } };
}

function workerPod(job: JobSpec, place: RunPlace): V1PodTemplateSpec {
  const { kubernetes } = job.fleet;
  const spot = spotPlacement(kubernetes.spot);
  return {
    metadata: { labels: labelsOf(place.run, 'worker') },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: kubernetes.serviceAccounts.worker,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: GRACE_SECONDS,
      hostNetwork: kubernetes.hostNetwork,
      securityContext: podSecurity(),
      imagePullSecrets: pullSecrets(job),
      nodeSelector: { ...spot.nodeSelector, ...kubernetes.nodeSelector },
      tolerations: [...spot.tolerations, ...kubernetes.tolerations] as V1Toleration[],
      ...(kubernetes.priorityClass === null ? {} : { priorityClassName: kubernetes.priorityClass }),
      volumes: [
        ...commonVolumes(job),
        { name: 'identity', secret: { secretName: identityName(place.run), defaultMode: 0o440 } },
      ],
      containers: [workerContainer(job, place)],
    },
  };
}

function workerContainer(job: JobSpec, place: RunPlace): V1Container {
  const { kubernetes } = job.fleet;
  return {
    name: 'worker',
    image: kubernetes.image ?? '',
    imagePullPolicy: kubernetes.imagePullPolicy,
    command: entryPoint(`worker/dist/${workersPerPod(job.fleet) === 1 ? 'worker' : 'node'}-main.js`),
    env: [...commonEnvironment(job, place), ...workerEnvironment(job, place)],
    envFrom: environmentSecrets(job),
    ports: kubernetes.hostNetwork ? [] : peerPorts(job),
    resources: workerResources(job),
    securityContext: containerSecurity(),
    volumeMounts: [...commonMounts(job), { name: 'identity', mountPath: IDENTITY_FOLDER, readOnly: true }],
  };
}

/** Threads are part of the result: CPUs follow from them, not the reverse. */
function workerEnvironment({ fleet }: JobSpec, { run }: RunPlace): V1EnvVar[] {
  const threads = Object.entries(computeEnvironment(fleet.threadsPerWorker));
  return [
    ...threads.map(([name, value]) => ({ name, value })),
    fieldOf('BAGFLEET_INDEX', "metadata.labels['batch.kubernetes.io/job-completion-index']"),
    ...identityEnvironment(fleet),
    fieldOf('BAGFLEET_HOST', 'status.podIP'),
    { name: 'BAGFLEET_PORT', value: String(fleet.kubernetes.hostNetwork ? 0 : PEER_PORT) },
    { name: 'BAGFLEET_IDENTITY', value: IDENTITY_FOLDER },
    {
      name: 'BAGFLEET_TOKEN',
      valueFrom: { secretKeyRef: { name: identityName(run), key: 'token' } },
    },
  ];
}

/** Who the pod's one worker is; a pod with several names them itself, and gives each its GPU. */
function identityEnvironment({ gpusPerNode }: JobSpec['fleet']): V1EnvVar[] {
  if (gpusPerNode > 1)
    return [
      { name: 'BAGFLEET_GPUS', value: String(gpusPerNode) },
      fieldOf('BAGFLEET_POD_UID', 'metadata.uid'),
    ];
  // With one GPU it is the only one that the pod sees.
  const hidden = gpusPerNode === 0 ? Object.entries(visibleGpu(0, 0, {})) : [];
  return [
    ...hidden.map(([name, value]) => ({ name, value })),
    { name: 'BAGFLEET_WORKER', value: 'w$(BAGFLEET_INDEX)' },
    fieldOf('BAGFLEET_INCARNATION', 'metadata.uid'),
  ];
}

function peerPorts({ fleet }: JobSpec): V1ContainerPort[] {
  return Array.from({ length: workersPerPod(fleet) }, (_, k) => ({
    name: k === 0 ? 'peer' : `peer-${k}`,
    containerPort: PEER_PORT + k,
  }));
}

function workerResources({ fleet }: JobSpec): V1ResourceRequirements {
  const workers = workersPerPod(fleet);
  const threads = workers * fleet.threadsPerWorker;
  const gpus: Record<string, string> =
    fleet.gpusPerNode > 0 ? { 'nvidia.com/gpu': String(fleet.gpusPerNode) } : {};
  const memory = timesQuantity(workers, fleet.kubernetes.memory);
  const request = `${Math.round(1000 * fleet.kubernetes.cpuShare * threads)}m`;
  return {
    requests: { cpu: request, memory, ...gpus },
    limits: { cpu: String(threads), memory, ...gpus },
  };
}

/** 32Gi for 8 times 4Gi. */
function timesQuantity(times: number, quantity: string): string {
  const [, amount = '', unit = ''] = /^([\d.]+)(\D*)$/.exec(quantity) ?? [];
  return `${Number((times * Number(amount)).toFixed(3))}${unit}`;
}
