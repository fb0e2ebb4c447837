/**
 * The job file: what a user writes, with defaults that work and a sentence on every field.
 * In: YAML or JSON as plain values. Out: a resolved JobSpec, or an error that names the field,
 * what was given and what is allowed.
 */
import { z } from 'zod';
import { BagfleetError } from './errors.js';
import { SCHEMA_VERSION } from './schema-version.js';

const positive = z.number().positive();
const fraction = z.number().min(0).max(1);
const seconds = z.number().positive();

export const MODEL_NAMES = ['abmil', 'lenet_abmil'] as const;
export const OPTIMIZER_NAMES = ['adam', 'adamw', 'sgd'] as const;
export const SCHEDULE_NAMES = ['constant', 'cosine', 'step'] as const;
export const METRIC_NAMES = [
  'loss', 'auc', 'auprc', 'accuracy', 'balancedAccuracy', 'f1', 'sensitivity', 'specificity', 'ppv', 'npv',
  'kappa', 'quadraticKappa', 'logLoss', 'brier',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];
/** Metrics of which less is better. */
export const SMALLER_IS_BETTER: readonly MetricName[] = ['loss', 'logLoss', 'brier'];

const dataSchema = z.strictObject({
  manifest: z.string().min(1).describe('URI or path of the dataset manifest (manifest.json).'),
  fold: z.int().nonnegative().nullable().default(null)
    .describe('Cross-validation: bags of this fold are the test bags, the others train.'),
  normalize: z.strictObject({
    mean: z.array(z.number()).min(1).describe('One value, or one per channel or feature.'),
    std: z.array(positive).min(1).describe('One value, or one per channel or feature.'),
  }).nullable().default(null).describe('(x - mean) / std for every instance; null leaves values as they are.'),
  prefetch: z.int().min(1).max(64).default(4).describe('Bags that a worker fetches ahead.'),
  cacheMiB: z.int().nonnegative().default(1024).describe('Memory for bags kept from epoch to epoch, per worker.'),
});

const modelSchema = z.strictObject({
  name: z.string().min(1).default('abmil').describe(`One of: ${MODEL_NAMES.join(', ')}.`),
  hidden: z.int().positive().default(512).describe('Width of the instance embedding.'),
  attention: z.int().positive().default(128).describe('Width of the attention layer.'),
  gated: z.boolean().default(true).describe('Gated attention (Ilse et al. 2018, eq. 9) or tanh alone (eq. 8).'),
  dropout: z.number().min(0).max(0.95).default(0).describe('Dropout on the instance embedding, 0 … 0.95.'),
});

const trainSchema = z.strictObject({
  epochs: z.int().positive().default(30),
  batch: z.int().positive().max(4096).default(8)
    .describe('Bags per step over the whole fleet: more workers change neither batch nor result.'),
  posWeight: positive.default(1).describe('Weight of positive bags in binary cross-entropy.'),
  optimizer: z.strictObject({
    name: z.enum(OPTIMIZER_NAMES).default('adamw'),
    rate: positive.default(5e-4).describe('Learning rate.'),
    betas: z.tuple([fraction, fraction]).default([0.9, 0.999]),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().nonnegative().default(1e-4)
      .describe('adam and sgd: added to the gradient (L2); adamw: decoupled.'),
    momentum: fraction.default(0.9).describe('sgd only.'),
  }).prefault({}),
  schedule: z.strictObject({
    name: z.enum(SCHEDULE_NAMES).default('constant'),
    warmupSteps: z.int().nonnegative().default(0),
    stepEpochs: z.int().positive().default(10).describe('step: epochs between two drops.'),
    gamma: positive.max(1).default(0.1).describe('step: factor of each drop.'),
    minRate: z.number().nonnegative().default(0).describe('cosine: rate at the end.'),
  }).prefault({}),
  clipNorm: positive.nullable().default(null).describe('Clip the global gradient norm; null does not clip.'),
  sum: z.enum(['exact', 'float32']).default('exact')
    .describe('exact: the same bits on any fleet. float32: plain sums in worker order, for comparison only.'),
});

const validationSchema = z.strictObject({
  everyEpochs: z.int().positive().default(1),
  metric: z.enum(METRIC_NAMES).default('auc').describe('What decides which checkpoint is best.'),
  threshold: z.union([z.enum(['0.5', 'youden']), z.strictObject({ sensitivity: fraction })]).default('youden')
    .describe('How the decision threshold is chosen on the validation bags.'),
  earlyStop: z.strictObject({
    patience: z.int().positive().describe('Validations without improvement before the run ends.'),
    minDelta: z.number().nonnegative().default(0),
  }).nullable().default(null),
});

const checkpointSchema = z.strictObject({
  everyEpochs: z.int().positive().default(1),
  keepLast: z.int().positive().default(2).describe('Older ones are deleted, but never best.'),
});

const fleetSchema = z.strictObject({
  workers: z.int().min(1).max(256).default(1).describe('Worker processes: changes the time, never the result.'),
  threadsPerWorker: z.int().min(1).max(256).default(1)
    .describe('TensorFlow threads of each worker: part of the result, so it is recorded.'),
  port: z.int().min(0).max(65535).default(0).describe("The coordinator's port on loopback; 0 picks a free one."),
  setupTimeout: seconds.default(120).describe('Seconds until all workers must have joined.'),
  stepTimeout: seconds.default(120).describe('Seconds that a worker waits for its peers in one step.'),
  heartbeatInterval: seconds.default(1),
  heartbeatTimeout: seconds.default(5).describe('Seconds of silence after which a worker counts as lost.'),
  determinism: z.enum(['strict', 'relaxed']).default('strict')
    .describe('relaxed admits workers whose machine computes differently; the record says so.'),
});

const storeSchema = z.strictObject({
  uri: z.string().min(1).default('./runs').describe('Where runs lie: s3://bucket/prefix or a folder.'),
  profile: z.string().nullable().default(null).describe('Named profile of the AWS credential chain.'),
  region: z.string().nullable().default(null),
  endpoint: z.url().nullable().default(null).describe('For S3-compatible servers.'),
  pathStyle: z.boolean().nullable().default(null).describe('null: path style when an endpoint is given.'),
  bucketOwner: z.string().regex(/^\d{12}$/).nullable().default(null).describe('Expected account id.'),
  encryption: z.union([z.enum(['none', 'sse-s3']), z.strictObject({ kmsKeyId: z.string().min(1) })]).default('none'),
  insecure: z.boolean().default(false).describe('Allow plain http to a host that is not loopback.'),
});

export const jobSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION).default(SCHEMA_VERSION),
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/).default('job')
    .describe('Lower-case letters, digits and dashes; begins the run id.'),
  seed: z.int().nonnegative().max(2 ** 31 - 1).default(1),
  data: dataSchema,
  model: modelSchema.prefault({}),
  train: trainSchema.prefault({}),
  validation: validationSchema.prefault({}),
  checkpoint: checkpointSchema.prefault({}),
  fleet: fleetSchema.prefault({}),
  store: storeSchema.prefault({}),
});

export type JobSpec = z.infer<typeof jobSchema>;
export type StoreOptions = JobSpec['store'];
export type ModelConfig = JobSpec['model'];
export type TrainConfig = JobSpec['train'];
export type ThresholdRule = JobSpec['validation']['threshold'];

/** Resolves a job file's values; the first wrong field is the one that is told. */
export function parseJob(value: unknown, source: string): JobSpec {
  refusePastedKeys(value, []);
  const parsed = jobSchema.safeParse(value);
  if (!parsed.success) throw wrongField(value, parsed.error.issues[0], source);
  const job = parsed.data;
  if (!(MODEL_NAMES as readonly string[]).includes(job.model.name))
    throw new BagfleetError('model-unknown', `there is no model "${job.model.name}"`, {
      culprit: `${source}, field model.name`,
      hint: `Known models: ${MODEL_NAMES.join(', ')}.`,
    });
  return job;
}

/** The JSON Schema for editors. */
export function jobJsonSchema(): unknown {
  return z.toJSONSchema(jobSchema, { io: 'input' });
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

function wrongField(value: unknown, issue: z.core.$ZodIssue, source: string): BagfleetError {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...issue.path.map(String), ...(unknownKey === undefined ? [] : [unknownKey])];
  const given = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
  const message = unknownKey === undefined ? `${issue.message}, but ${show(given)} was given` : 'there is no such field';
  const siblings = unknownKey === undefined ? [] : fieldsAt(issue.path.map(String));
  const nearest = unknownKey === undefined ? undefined : nearestOf(unknownKey, siblings);
  return new BagfleetError('job-invalid', message, {
    culprit: `${source}, field ${path.join('.') || '(the whole file)'}`,
    hint: nearest ? `Did you mean ${nearest}? Fields here: ${siblings.join(', ')}.` : siblings.length > 0 ? `Fields here: ${siblings.join(', ')}.` : 'See `bagfleet init` for a commented job file.',
  });
}

function show(given: unknown): string {
  return given === undefined ? 'nothing' : JSON.stringify(given).slice(0, 80);
}

/** Names of the fields at a path of the schema, read from its JSON Schema. */
function fieldsAt(path: readonly string[]): string[] {
  type Node = { properties?: Record<string, Node>; anyOf?: Node[] };
  let node = jobJsonSchema() as Node | undefined;
  for (const key of path) {
    node = node?.properties?.[key];
    node = node?.anyOf?.find((option) => option.properties) ?? node;
  }
  return Object.keys(node?.properties ?? {});
}

function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates.map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, word.length / 3) ? best.name : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
