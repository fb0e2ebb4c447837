/**
 * What holds a pod up and what to do about it, in plain words with Kubernetes' own ones in brackets. Pure.
 * In: what the scheduler, the kubelet or a Job's events say. Out: a sentence without its subject's name.
 */
import type { CoreV1Event, V1Pod } from '@kubernetes/client-node';

/** Reasons for which an image is not there; the kubelet tries again by itself. */
const IMAGE_TROUBLE = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'];
/** What the scheduler adds about pods that it could take away; no help to people. */
const PREEMPTION = /[.,]? ?(no new claims to deallocate, )?preemption:.*$/s;
const BASE = 'the accounts and roles that it needs are in k8s/base';

/** Job fields that decide what a pod asks for. */
interface Fields {
  readonly image: string;
  readonly memory: string;
  readonly cpu: string;
}

const WORKER: Fields = {
  image: 'fleet.kubernetes.image',
  memory: 'fleet.kubernetes.memory',
  cpu: 'fleet.threadsPerWorker or fleet.kubernetes.cpuShare',
};
const COORDINATOR: Fields = {
  image: 'fleet.kubernetes.coordinatorImage (else fleet.kubernetes.image)',
  memory: 'fleet.kubernetes.coordinatorMemory',
  cpu: 'what others ask for',
};

export function fieldsOf(pod: V1Pod): Fields {
  return pod.spec?.containers[0]?.name === 'coordinator' ? COORDINATOR : WORKER;
}

/** `message`: the scheduler's own. */
export function whyUnscheduled(message: string, fields: Fields): string {
  const said = message.replace(PREEMPTION, '');
  const advice = [
    ...(/Insufficient memory/.test(said) ? [`lower ${fields.memory}`] : []),
    ...(/Insufficient cpu/.test(said) ? [`lower ${fields.cpu}`] : []),
    ...(/Insufficient nvidia/.test(said) ? ['lower fleet.gpusPerNode'] : []),
    ...(/affinity\/selector/.test(said) ? ['label a node, or change fleet.kubernetes.nodeSelector'] : []),
    ...(/untolerated taint/.test(said) ? ['set fleet.kubernetes.tolerations'] : []),
  ];
  const isFull = /Insufficient/.test(said);
  if (isFull) advice.push('add nodes or wait for room');
  return `${isFull ? 'no node has room' : 'no node fits it'} (${said})${then(advice)}`;
}

/** Why its container does not begin; null when nothing is known to hold it up. */
export function whyContainerWaits(
  { reason, message = '' }: { readonly reason?: string; readonly message?: string },
  image: string,
  fields: Fields,
): string | null {
  if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') return null;
  const said = `${reason}${message === '' ? '' : `: ${message}`}`;
  if (IMAGE_TROUBLE.includes(reason)) {
    const other = reason === 'ErrImageNeverPull' ? 'imagePullPolicy' : 'imagePullSecrets';
    return `its image ${image} can't be had (${said}): check ${fields.image} and fleet.kubernetes.${other}`;
  }
  if (reason !== 'CreateContainerConfigError') return `its container waits (${said})`;
  const missing = /secret ".*" not found/.test(message)
    ? ': create the Secret, or change fleet.kubernetes.secrets'
    : '';
  return `its container can't be set up (${message || reason})${missing}`;
}

/** Of a Job's warning: why it has no pod; null when it says nothing of that. */
export function whyNoPod({ reason, message = '' }: CoreV1Event, what: string): string | null {
  if (reason !== 'FailedCreate') return null;
  const said = message.replace(/^Error creating: /, '');
  if (/exceeded quota|failed quota/.test(said))
    return `quota does not allow ${what} (${said}): ask for less, or raise it (\`kubectl describe quota\`)`;
  const advice = /service ?account/i.test(said) ? `: ${BASE}` : '';
  return `${what} is not allowed (${said})${advice}`;
}

/** What the workers' Job has been through: nothing yet, its pods ran, or it was given another size after that. */
export type JobPast = 'new' | 'ran' | 'resized';

/** Of a Job that is suspended; `queue` is Kueue's, if it has one. */
export function whySuspended(queue: string | undefined, past: JobPast): string {
  if (queue === undefined) return "the workers' Job is suspended: unsuspend it with `kubectl patch`";
  if (past === 'new') return `it waits for quota in Kueue's queue ${queue}`;
  if (past === 'ran') return `Kueue has suspended the workers: they wait for quota in its queue ${queue}`;
  return (
    'Kueue has suspended the workers for their new size; its feature gate ElasticJobsViaWorkloadSlices is off. ' +
    `They wait for quota in its queue ${queue}`
  );
}

/** Of a pod's warning: why it is not created on its node; null when it says nothing of that. */
export function whyNotCreated({ reason, message }: CoreV1Event): string | null {
  if (reason === 'FailedMount' || reason === 'FailedAttachVolume')
    return `its volumes can't be mounted (${message})`;
  if (reason === 'FailedCreatePodSandBox') return `its node can't set it up (${message})`;
  return null;
}

function then(advice: readonly string[]): string {
  return advice.length === 0 ? '' : `: ${advice.join('; ')}`;
}
