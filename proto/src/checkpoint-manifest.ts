/**
 * The checkpoint manifest: written last, so that a checkpoint is whole or absent (I4).
 * In: manifest.json of a checkpoint folder. Out: what its files are, what they digest to, what they score.
 */
import { z } from 'zod';
import { jobSchema, METRIC_NAMES } from './job-spec.js';
import { SCHEMA_VERSION } from './schema-version.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const metricsSchema = z.partialRecord(z.enum(METRIC_NAMES), z.number().nullable());
export type MetricValues = z.infer<typeof metricsSchema>;

/** All that the next step depends on besides the tensors; a pure function of the steps so far. */
export const progressSchema = z.strictObject({
  epoch: z.int().nonnegative().describe('Epochs that are complete.'),
  step: z.int().nonnegative().describe('Updates applied since the run began.'),
  stepInEpoch: z.int().nonnegative().describe('Updates applied in the epoch that is not complete.'),
  bestMetric: z.number().nullable(),
  bestEpoch: z.int().nonnegative().nullable(),
  validationsWithoutGain: z.int().nonnegative(),
  /** Sums of the unfinished epoch, so that a resumed run logs the same training loss. */
  lossSum: z.number(),
  weightSum: z.number(),
  threshold: z.number().min(0).max(1).nullable(),
  /** Ids of bags that are left out for the rest of the run (train.poisonedBags: skip), in the order found. */
  skipped: z.array(z.string()),
});
export type Progress = z.infer<typeof progressSchema>;

export const checkpointManifestSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  run: z.string().min(1),
  progress: progressSchema,
  stateDigest: sha256.describe('Digest of parameters and optimizer moments as the workers hold them.'),
  files: z.array(z.strictObject({ name: z.string(), bytes: z.int().nonnegative(), sha256 })).min(1),
  job: jobSchema.describe('The resolved job: model and data settings are read from here.'),
  dataset: z.strictObject({
    name: z.string(),
    sha256: sha256.describe('Digest of the manifest file.'),
    instanceShape: z.array(z.int().positive()),
    classes: z.array(z.string()),
  }),
  validation: metricsSchema.nullable(),
  threshold: z.number().min(0).max(1).nullable().describe('Decision threshold for two classes.'),
  fingerprint: z.record(z.string(), z.unknown()).describe('The kind of machine that computed it.'),
});
export type CheckpointManifest = z.infer<typeof checkpointManifestSchema>;
