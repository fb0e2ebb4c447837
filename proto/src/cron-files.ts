/**
 * What the store keeps of a cron and of tags: file names and the shape of their contents.
 * A cron is a job that is trained again and again on a folder of bags that grows; a night is one such training.
 * The store is the history: whoever wants to know what was tried, promoted or refused reads these, nothing else.
 */
import { z } from 'zod';
import { metricsSchema } from './checkpoint-manifest.js';
import { jobSchema } from './job-spec.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** ISO 8601 in UTC. */
const moment = z.iso.datetime();

export const CRONS = 'crons/';

export function cronFile(cron: string): string {
  return `${CRONS}${cron}/cron.json`;
}

export function nightsFolder(cron: string): string {
  return `${CRONS}${cron}/nights/`;
}

/** `key` is the night's scheduled time: 20261127T020000Z. */
export function nightFile(cron: string, key: string): string {
  return `${nightsFolder(cron)}${key}.json`;
}

/** Manifests and hold-outs are named by what they hold, so they never change. */
export function cronManifestFile(cron: string, digest: string): string {
  return `${CRONS}${cron}/manifests/${digest}.json`;
}

export function holdOutFile(cron: string, digest: string): string {
  return `${CRONS}${cron}/hold-outs/${digest}.json`;
}

export function tagFile(tag: string): string {
  return `tags/${tag}.json`;
}

/** A checkpoint of a run of this store, by its place and by the digest of its manifest. */
const checkpointRefSchema = z.object({
  run: z.string().min(1),
  step: z.int().nonnegative(),
  manifestSha256: sha256,
});
export type CheckpointRef = z.infer<typeof checkpointRefSchema>;

const tagMoveSchema = checkpointRefSchema.extend({
  movedAt: moment,
  /** Who moved it: `cron slides, night 20261127T020000Z`, `anna@station`. */
  by: z.string(),
});
export type TagMove = z.infer<typeof tagMoveSchema>;

/** tags/production.json: replaced by compare-and-swap only, newest move first. */
export const tagSchema = z.object({
  schemaVersion: z.int(),
  name: z.string(),
  moves: z.array(tagMoveSchema).min(1),
});
export type Tag = z.infer<typeof tagSchema>;

const clockSchema = z.object({
  /** From when on it holds. */
  since: moment,
  /** Five fields as Kubernetes reads them. */
  schedule: z.string(),
  timeZone: z.string(),
});
export type Clock = z.infer<typeof clockSchema>;

/** crons/NAME/cron.json. */
export const cronSchema = z.object({
  schemaVersion: z.int(),
  name: z.string(),
  createdAt: moment,
  appliedAt: moment,
  /** Oldest first: the last one holds. */
  clocks: z.array(clockSchema).min(1),
  /** Oldest first; the last one may have no end. */
  pauses: z.array(z.object({ from: moment, to: moment.nullable() })),
  /** Seconds after its scheduled time in which a night that was missed is still begun. */
  startingDeadline: z.int().positive(),
  /** As it was applied: each night trains it with its own manifest and initial values. */
  job: jobSchema,
  data: z.object({
    /** The folder of .npy files that grows. */
    folder: z.string(),
    /** The CSV file of labels. */
    labels: z.string(),
    /** Manifest that says which bags trained and validated when the cron was made, and the classes. */
    base: sha256,
  }),
  holdOut: z.object({ sha256, folder: z.string() }),
  tag: z.string(),
  from: z.enum(['tag', 'scratch']),
  /** As it was written. */
  gate: z.string(),
});
export type Cron = z.infer<typeof cronSchema>;

/** crons/NAME/hold-outs/SHA256.json: which bags decide, and what each of their files digests to. */
export const holdOutSchema = z.object({
  schemaVersion: z.int(),
  /** A dataset manifest whose bags are all of the split test. */
  manifest: z.unknown(),
  sha256: z.record(z.string(), sha256).describe('Digest of the file of each bag, by bag id.'),
});

/** What a night found in the data folder. Counts and digests only: bag ids stand in the manifest. */
const nightDataSchema = z.object({
  /** Of crons/NAME/manifests/. */
  manifest: sha256,
  train: z.int(),
  val: z.int(),
  /** Compared to the last night that came to a decision, or to what the cron was made with. */
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  /** Bags that have no label yet. */
  waiting: z.int(),
  /** Bags that are not the hold-out's, but of one of its patients: they never train. */
  heldBack: z.int(),
  /** Labels whose bag is not there yet. */
  labelsAlone: z.int(),
});
export type NightData = z.infer<typeof nightDataSchema>;

const scoredSchema = checkpointRefSchema.extend({ metrics: metricsSchema });
export type ScoredCheckpoint = z.infer<typeof scoredSchema>;

/** interrupted nights have no outcome: they go on. skipped: another night was still going. */
export const OUTCOMES = ['promoted', 'refused', 'nothing-new', 'skipped', 'cancelled', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** crons/NAME/nights/KEY.json: created once by the first attempt at a night, replaced by compare-and-swap. */
export const nightSchema = z.object({
  schemaVersion: z.int(),
  cron: z.string(),
  key: z.string(),
  scheduledAt: moment,
  /** by the clock, or by `cron run-now`. */
  startedBy: z.enum(['clock', 'person']),
  startedAt: moment,
  /** When the last attempt began. */
  attemptedAt: moment,
  attempts: z.int().positive(),
  holdOut: sha256,
  /** What the night trains: fixed by its first attempt, so that a retry goes on with the same run. */
  plan: z
    .object({
      run: z.string(),
      job: sha256.describe('Digest of the job without fleet, store and what the night itself sets.'),
      data: nightDataSchema,
      /** What the tag pointed at. */
      production: tagMoveSchema.nullable(),
      /** Warm start; null is from scratch. */
      initial: checkpointRefSchema.nullable(),
    })
    .nullable(),
  candidate: scoredSchema.nullable(),
  /** The model that the tag pointed at, on the same bags. */
  production: scoredSchema.nullable(),
  outcome: z.enum(OUTCOMES).nullable(),
  /** In sentences with the numbers that decided. */
  why: z.array(z.string()),
  error: z
    .object({
      code: z.string(),
      culprit: z.string().optional(),
      message: z.string(),
      hint: z.string().optional(),
    })
    .nullable(),
  endedAt: moment.nullable(),
});
export type Night = z.infer<typeof nightSchema>;
