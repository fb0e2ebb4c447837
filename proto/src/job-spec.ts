/**
 * The job file: what a user writes, with defaults that work and a sentence on every field.
 * In: YAML or JSON as plain values. Out: a resolved JobSpec, or an error that names the field,
 * what was given and what is allowed.
 */
import { z } from 'zod';
import { dataSchema } from './data-spec.js';
import { BagfleetError } from './errors.js';
import { FLEET_ENGINES, kubernetesSchema, MOST_WORKERS } from './fleet-spec.js';
import { fieldCulprit, wrongField } from './job-error.js';
import type { SchemaNode } from './job-fields.js';
import { MODEL_NAMES, modelSchema } from './model-spec.js';
import { nearestWord } from './nearest-word.js';
import { SCHEMA_VERSION } from './schema-version.js';
import { BALANCES } from './step-plan.js';
import { trainSchema } from './train-spec.js';

const fraction = z.number().min(0).max(1);
const seconds = z.number().positive();

export const METRIC_NAMES = [
  'loss',
  'auc',
  'auprc',
  'accuracy',
  'balancedAccuracy',
  'f1',
  'sensitivity',
  'specificity',
  'ppv',
  'npv',
  'kappa',
  'quadraticKappa',
  'logLoss',
  'brier',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];
/** Metrics of which less is better. */
export const SMALLER_IS_BETTER: readonly MetricName[] = ['loss', 'logLoss', 'brier'];

const validationSchema = z.strictObject({
  everyEpochs: z.int().positive().default(1).describe('Epochs from one validation to the next.'),
  metric: z.enum(METRIC_NAMES).default('auc').describe('What decides which checkpoint is best.'),
  threshold: z
    .union([
      z.enum(['0.5', 'youden']),
      z.literal(0.5).transform(() => '0.5' as const),
      z.strictObject({
        sensitivity: fraction.describe('The highest threshold that still reaches this sensitivity.'),
      }),
    ])
    .prefault('youden')
    .describe('How the decision threshold is chosen on the validation bags.'),
  earlyStop: z
    .strictObject({
      patience: z.int().positive().describe('Validations without improvement before the run ends.'),
      minDelta: z.number().nonnegative().default(0).describe('Least gain that counts as an improvement.'),
    })
    .nullable()
    .default(null)
    .describe('Ends the run when the metric no longer improves; null trains all epochs.'),
});

const checkpointSchema = z.strictObject({
  everyEpochs: z.int().positive().default(1).describe('Epochs from one checkpoint to the next.'),
  keepLast: z.int().positive().default(2).describe('Older ones are deleted, but never best.'),
});

const fleetSchema = z.strictObject({
  engine: z
    .enum(FLEET_ENGINES)
    .default('local')
    .describe(
      'Where coordinator and workers run: local, processes of this machine; kubernetes, pods; hosts, where `bagfleet host` is started, as SageMaker starts its containers.',
    ),
  workers: z
    .int()
    .min(1)
    .max(MOST_WORKERS)
    .default(1)
    .describe('Worker processes: changes the time, never the result.'),
  threadsPerWorker: z
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe('TensorFlow threads of each worker: part of the result, so it is recorded.'),
  port: z
    .int()
    .min(0)
    .max(65535)
    .default(0)
    .describe("The coordinator's port; 0 picks a free one, in a pod with a network of its own 7070."),
  gpusPerNode: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe(
      'GPUs of a pod, each with a worker process of its own, or of this machine, whose workers share them in turn; 0 computes on CPUs and hides GPUs that are there.',
    ),
  kubernetes: kubernetesSchema.prefault({}).describe('How pods are made, where engine is kubernetes.'),
  balance: z
    .enum(BALANCES)
    .default('cost')
    .describe(
      'How the bags of a step are spread: cost, so that all workers are done at the same time; order, one after the other as DistributedSampler does, for comparison only. Changes the time, never the result.',
    ),
  minWorkers: z
    .int()
    .min(1)
    .max(MOST_WORKERS)
    .default(1)
    .describe('With fewer workers than this the run waits for lost ones to come back.'),
  waitTimeout: seconds
    .default(600)
    .describe('Seconds that it waits so before it fails, with a checkpoint of what is there.'),
  restarts: z
    .int()
    .nonnegative()
    .default(10)
    .describe(
      'Times that a worker that died is started again; one that trained for a minute begins to count anew.',
    ),
  restartBackoff: seconds
    .default(1)
    .describe('Seconds before the second restart of a worker (the first is at once); doubles up to 60.'),
  setupTimeout: seconds.default(120).describe('Seconds until a started worker must be ready.'),
  stepTimeout: seconds.default(120).describe('Seconds that a worker waits for its peers in one step.'),
  checkpointTimeout: seconds.default(300).describe('Seconds that a checkpoint may take.'),
  evaluationTimeout: seconds
    .default(600)
    .describe('Seconds that a worker waits for its peers in a validation.'),
  stopTimeout: seconds
    .max(120)
    .default(30)
    .describe('Seconds that a run which is told to stop (SIGTERM) may take, its last checkpoint included.'),
  heartbeatInterval: seconds.default(0.5).describe('Seconds between two signs of life of a worker.'),
  heartbeatTimeout: seconds.default(3).describe('Seconds of silence after which a worker counts as lost.'),
  orphanTimeout: seconds
    .default(300)
    .describe('Seconds that a worker goes on without a coordinator before it gives up.'),
  leaseTimeout: seconds
    .default(10)
    .describe('Seconds after which another coordinator may take over from one that has fallen silent.'),
  verifyEvery: z
    .int()
    .nonnegative()
    .default(100)
    .describe('Steps from one slot that is computed by two workers and compared to the next; 0 never.'),
  determinism: z
    .enum(['strict', 'relaxed'])
    .default('strict')
    .describe('relaxed admits workers whose machine computes differently; the record says so.'),
});

const storeSchema = z.strictObject({
  uri: z.string().min(1).default('./runs').describe('Where runs lie: s3://bucket/prefix or a folder.'),
  profile: z.string().nullable().default(null).describe('Named profile of the AWS credential chain.'),
  region: z
    .string()
    .nullable()
    .default(null)
    .describe('Region of the bucket; null takes it from the environment.'),
  endpoint: z.url().nullable().default(null).describe('Address of an S3-compatible server; null is AWS.'),
  pathStyle: z.boolean().nullable().default(null).describe('null: path style when an endpoint is given.'),
  bucketOwner: z
    .string()
    .regex(/^\d{12}$/)
    .nullable()
    .default(null)
    .describe('Account id that must own the bucket.'),
  encryption: z
    .union([
      z.enum(['none', 'sse-s3']),
      z.strictObject({
        kmsKeyId: z.string().min(1).describe('Key that encrypts each object (SSE-KMS).'),
      }),
    ])
    .default('none')
    .describe('Server-side encryption of everything that is written.'),
  insecure: z.boolean().default(false).describe('Allow plain http to a host that is not loopback.'),
});

export const jobSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION).default(SCHEMA_VERSION).describe('Version of this file format.'),
  name: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/)
    .default('job')
    .describe('Lower-case letters, digits and dashes; begins the run id.'),
  seed: z
    .int()
    .nonnegative()
    .max(2 ** 31 - 1)
    .default(1)
    .describe('Decides initial values, order of the bags and dropout.'),
  data: dataSchema.describe('The bags and how they are read.'),
  model: modelSchema.prefault({}).describe('What is trained.'),
  train: trainSchema.prefault({}).describe('How it is trained.'),
  validation: validationSchema.prefault({}).describe('How it is scored while it trains.'),
  checkpoint: checkpointSchema.prefault({}).describe('When its state is kept.'),
  fleet: fleetSchema.prefault({}).describe('The workers that compute it.'),
  store: storeSchema.prefault({}).describe('Where the run is kept.'),
  allowChaos: z
    .boolean()
    .default(false)
    .describe('Let `bagfleet chaos` kill, stop and cut off parts of this run.'),
});

export type JobSpec = z.infer<typeof jobSchema>;
export type StoreOptions = JobSpec['store'];
export type FleetSpec = JobSpec['fleet'];
export type ThresholdRule = JobSpec['validation']['threshold'];

/** Resolves a job file's values; the first wrong field is the one that is told. */
export function parseJob(value: unknown, source: string): JobSpec {
  refusePastedKeys(value, []);
  const parsed = jobSchema.safeParse(value);
  if (!parsed.success) throw wrongField(jobJsonSchema(), value, parsed.error.issues[0], source);
  const job = parsed.data;
  if ((MODEL_NAMES as readonly string[]).includes(job.model.name)) return job;
  const nearest = nearestWord(job.model.name, MODEL_NAMES);
  throw new BagfleetError('model-unknown', `there is no model "${job.model.name}"`, {
    culprit: fieldCulprit(source, ['model', 'name']),
    hint: `${nearest ? `Did you mean ${nearest}? ` : ''}Known models: ${MODEL_NAMES.join(', ')}.`,
  });
}

/** The JSON Schema for editors: of the file as it is written, so fields with a default may be left out. */
export function jobJsonSchema(): SchemaNode {
  return z.toJSONSchema(jobSchema, { io: 'input' }) as SchemaNode;
}

/** Credentials come from the SDK's provider chain only; one in a job file is refused and never echoed. */
function refusePastedKeys(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string' && /\b(AKIA|ASIA)[A-Z0-9]{16}\b/.test(value)) throw pastedKey(path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key];
    if (/^(aws_?)?(secret|session|access).*(key|token)(_?id)?$/i.test(key)) throw pastedKey(here);
    refusePastedKeys(inner, here);
  }
}

function pastedKey(path: readonly string[]): BagfleetError {
  return new BagfleetError('job-invalid', 'a credential stands in the job file (its value is not shown)', {
    culprit: `job field ${path.join('.')}`,
    hint: 'Remove it and use the environment, a profile (store.profile), SSO or a web identity instead.',
  });
}
