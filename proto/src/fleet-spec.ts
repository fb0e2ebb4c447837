/**
 * The part of the job file that says how pods are made: `fleet.kubernetes`.
 * In: what a user writes. Out: its schema, with defaults that pass the restricted Pod Security Standard.
 */
import { z } from 'zod';

export const FLEET_ENGINES = ['local', 'kubernetes', 'hosts'] as const;
export const MOST_WORKERS = 1024;

const quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a quantity such as 4Gi or 500m');

const tolerationSchema = z.strictObject({
  key: z.string().optional().describe('Key of the taint; without it all taints match.'),
  operator: z.enum(['Exists', 'Equal']).optional().describe('How key and value are compared.'),
  value: z.string().optional().describe('Value of the taint.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .optional()
    .describe('Effect of the taint; without it all effects match.'),
  tolerationSeconds: z.int().optional().describe('NoExecute: how long it is tolerated.'),
});

const volumeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    .describe('Name of the volume.'),
  mountPath: z.string().startsWith('/').describe('Where it is mounted in coordinator and workers.'),
  readOnly: z.boolean().default(true).describe('Whether pods may write to it.'),
  source: z
    .record(z.string(), z.unknown())
    .describe("The volume's source, as in a pod: { persistentVolumeClaim: { claimName: slides } }."),
});

export const SPOT_PROVIDERS = ['karpenter', 'eks', 'gke', 'aks'] as const;

export const kubernetesSchema = z.strictObject({
  namespace: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Namespace of all objects; null takes the kubeconfig context's."),
  image: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Image of the workers, and of the coordinator if it has none of its own.'),
  coordinatorImage: z.string().min(1).nullable().default(null).describe('Image of the coordinator.'),
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('When nodes fetch the image.'),
  imagePullSecrets: z.array(z.string().min(1)).default([]).describe('Secrets for the image registry.'),
  serviceAccounts: z
    .strictObject({
      coordinator: z.string().min(1).default('bagfleet-coordinator').describe("The coordinator's."),
      worker: z.string().min(1).default('bagfleet-worker').describe("The workers'; it needs no rights."),
    })
    .prefault({})
    .describe('Service accounts; annotate them for workload identity.'),
  memory: quantity.default('4Gi').describe('Memory of each worker process, request and limit.'),
  cpuShare: z
    .number()
    .min(0.01)
    .max(1)
    .default(1)
    .describe('Share of its threads that a worker requests as CPUs; its limit is all of them.'),
  coordinatorMemory: quantity.default('1Gi').describe('Memory of the coordinator, request and limit.'),
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Labels of the nodes for workers.'),
  tolerations: z.array(tolerationSchema).default([]).describe('Taints that workers tolerate.'),
  priorityClass: z.string().min(1).nullable().default(null).describe('Priority class of the workers.'),
  spot: z
    .enum(SPOT_PROVIDERS)
    .nullable()
    .default(null)
    .describe('Workers on spot nodes of this provider (the coordinator stays on others).'),
  queue: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Kueue's LocalQueue: workers wait, suspended, until it admits them."),
  environment: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .default({})
    .describe('Environment variables of all pods; no secrets.'),
  secrets: z
    .array(z.string().min(1))
    .default([])
    .describe('Secrets whose keys become environment variables of all pods, such as S3 credentials.'),
  volumes: z.array(volumeSchema).default([]).describe('Further volumes of all pods.'),
  hostNetwork: z
    .boolean()
    .default(false)
    .describe("Pods on the node's network, each on free ports; not allowed by Pod Security's restricted."),
  placeTimeout: z
    .number()
    .positive()
    .default(3600)
    .describe("Seconds that a worker's pod may wait for a node, its image or quota."),
  ttlSeconds: z
    .int()
    .nonnegative()
    .default(86400)
    .describe('Seconds after the end of the run until its Job is deleted; its folder stays.'),
});
export type KubernetesSpec = z.infer<typeof kubernetesSchema>;
