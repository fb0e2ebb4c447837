/**
 * What all pods of a run have in common: they pass the restricted Pod Security Standard, know where the run lies, and
 * write to /tmp alone.
 * In: a resolved job. Out: parts of pod specs.
 */
import type { JobSpec } from '@bagfleet/proto';
import type {
  V1Container,
  V1EnvFromSource,
  V1EnvVar,
  V1LocalObjectReference,
  V1PodSpec,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';

/** The images' own user (k8s/images). */
const USER = 10001;
const CODE = '/opt/bagfleet';

export interface RunPlace {
  readonly run: string;
  /** The run's folder. */
  readonly uri: string;
}

export function entryPoint(script: string): string[] {
  return ['node', '--enable-source-maps', `${CODE}/${script}`];
}

export function podSecurity(): NonNullable<V1PodSpec['securityContext']> {
  return {
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    fsGroup: USER,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

export function containerSecurity(): NonNullable<V1Container['securityContext']> {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
}

/** Where the run lies; how the store is reached holds no secret. */
export function commonEnvironment(job: JobSpec, { uri }: RunPlace): V1EnvVar[] {
  return [
    { name: 'BAGFLEET_RUN', value: uri },
    { name: 'BAGFLEET_RUN_STORE', value: JSON.stringify(job.store) },
    ...standingEnvironment(job),
  ];
}

/** What does not depend on the run, and what the user adds. */
export function standingEnvironment({ fleet }: JobSpec): V1EnvVar[] {
  const values = { BAGFLEET_LOG_FORMAT: 'json', HOME: '/tmp', ...fleet.kubernetes.environment };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

export function fieldOf(name: string, fieldPath: string): V1EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

export function commonVolumes({ fleet }: JobSpec): V1Volume[] {
  const own: V1Volume = { name: 'tmp', emptyDir: {} };
  return [own, ...fleet.kubernetes.volumes.map(({ name, source }) => ({ ...source, name }) as V1Volume)];
}

export function commonMounts({ fleet }: JobSpec): V1VolumeMount[] {
  const own: V1VolumeMount = { name: 'tmp', mountPath: '/tmp' };
  return [
    own,
    ...fleet.kubernetes.volumes.map(({ name, mountPath, readOnly }) => ({ name, mountPath, readOnly })),
  ];
}

/** Secrets that become environment, such as S3 credentials. */
export function environmentSecrets({ fleet }: JobSpec): V1EnvFromSource[] {
  return fleet.kubernetes.secrets.map((name) => ({ secretRef: { name } }));
}

export function pullSecrets({ fleet }: JobSpec): V1LocalObjectReference[] {
  return fleet.kubernetes.imagePullSecrets.map((name) => ({ name }));
}
