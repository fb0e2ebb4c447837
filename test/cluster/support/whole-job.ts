/**
 * Jobs as `submit` settles them for a cluster.
 * In: what the test is about. Out: a job with the defaults, or one that uses every field of fleet.kubernetes.
 */
import { type JobSpec, parseJob } from '@bagfleet/proto';

const PLACES = {
  data: { manifest: 's3://bags/slides/manifest.json' },
  store: { uri: 's3://bags/runs' },
};

export function clusterJob(kubernetes: object = {}, fleet: object = {}): JobSpec {
  const image = 'localhost/busybox:1';
  const whole = { engine: 'kubernetes', workers: 2, ...fleet };
  return parseJob(
    { ...PLACES, fleet: { ...whole, kubernetes: { image, imagePullPolicy: 'Never', ...kubernetes } } },
    'job',
  );
}

/** `hostNetwork` alone is left as it is: restricted refuses it. */
export const EVERY_FIELD = {
  namespace: 'set-by-the-test',
  image:
    'registry.example.com/worker@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  coordinatorImage: 'registry.example.com/coordinator:1',
  imagePullPolicy: 'Always',
  imagePullSecrets: ['registry'],
  serviceAccounts: { coordinator: 'default', worker: 'default' },
  memory: '1500Mi',
  cpuShare: 0.5,
  coordinatorMemory: '700Mi',
  nodeSelector: { 'nvidia.com/gpu.product': 'Tesla-V100-SXM2-16GB' },
  tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  priorityClass: 'bagfleet-spot',
  spot: 'gke',
  queue: 'bagfleet',
  environment: { AWS_REGION: 'eu-south-2' },
  secrets: ['bagfleet-s3'],
  volumes: [
    { name: 'slides', mountPath: '/slides', source: { persistentVolumeClaim: { claimName: 'slides' } } },
    { name: 'certificates', mountPath: '/certificates', source: { configMap: { name: 'certificates' } } },
  ],
  placeTimeout: 60,
  ttlSeconds: 600,
};
