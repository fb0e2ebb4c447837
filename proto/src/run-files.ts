/**
 * A run's folder in the store: its file names and the shape of their rows.
 * The store is the job history: whoever wants to know about a run reads these, nothing else.
 */
import { z } from 'zod';
import { metricsSchema } from './checkpoint-manifest.js';
import { MOST_WORKERS } from './fleet-spec.js';

export const RUN_FILES = {
  job: 'job.json',
  status: 'status.json',
  events: 'events.jsonl',
  metrics: 'metrics.jsonl',
  /** One file per epoch: see `ledgerFile` and `workFile`. */
  ledger: 'ledger/',
  work: 'work/',
  logs: 'logs/',
  checkpoints: 'checkpoints/',
  best: 'checkpoints/best.json',
  latest: 'checkpoints/latest.json',
  /** Digests of what was read and nothing else confirms, one file per reader. */
  content: 'content/',
  tensorboard: 'tensorboard/',
  curves: 'curves.png',
  /** Written by whoever wants the run to end; the coordinator looks for it every second. */
  cancel: 'control/cancel.json',
  /** How many workers the run is to have from now on; looked for every second, too. */
  scale: 'control/scale.json',
  /** Orders of `bagfleet chaos`, one object each, in the order of their names. */
  chaos: 'control/chaos/',
  /** Which coordinator may act for the run, and where it listens. */
  lease: 'control/lease.json',
} as const;

/** ledger/epoch-000003.jsonl for epoch 3. */
export function ledgerFile(epoch: number): string {
  return `${RUN_FILES.ledger}${epochName(epoch)}.jsonl`;
}

/** work/epoch-000003.jsonl for epoch 3. */
export function workFile(epoch: number): string {
  return `${RUN_FILES.work}${epochName(epoch)}.jsonl`;
}

function epochName(epoch: number): string {
  return `epoch-${String(epoch).padStart(6, '0')}`;
}

/** checkpoints/step-000042/ for step 42. */
export function checkpointFolder(step: number): string {
  return `${RUN_FILES.checkpoints}step-${String(step).padStart(6, '0')}/`;
}

/** waiting: too few workers to go on; they are being started again. */
export const RUN_STATES = [
  'starting',
  'running',
  'waiting',
  'done',
  'failed',
  'cancelled',
  'interrupted',
] as const;
export type RunState = (typeof RUN_STATES)[number];
export const FINAL_STATES: readonly RunState[] = ['done', 'failed', 'cancelled', 'interrupted'];

export const statusSchema = z.object({
  schemaVersion: z.int(),
  run: z.string(),
  name: z.string(),
  state: z.enum(RUN_STATES),
  /** One sentence: what the run does or waits for. */
  phase: z.string(),
  workers: z.int(),
  epoch: z.int().describe('Epoch in work, 1-based; 0 before the first.'),
  epochs: z.int(),
  step: z.int().describe('Steps done in this epoch.'),
  steps: z.int().describe('Steps of an epoch.'),
  loss: z.number().nullable().describe('Mean training loss of this epoch so far.'),
  bagsPerSecond: z.number().nullable(),
  instancesPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  metric: z.object({ name: z.string(), best: z.number().nullable(), epoch: z.int().nullable() }),
  error: z
    .object({
      code: z.string(),
      culprit: z.string().optional(),
      message: z.string(),
      hint: z.string().optional(),
    })
    .nullable(),
  startedAt: z.string(),
  /** Renewed every few seconds while the coordinator lives. */
  updatedAt: z.string(),
  endedAt: z.string().nullable(),
});
export type RunStatus = z.infer<typeof statusSchema>;

/** metrics.jsonl: a row per step, keyed by (epoch, step) … */
export const stepRowSchema = z.object({
  kind: z.literal('step'),
  epoch: z.int(),
  step: z.int(),
  loss: z.number(),
  weight: z.number(),
  rate: z.number(),
  gradientNorm: z.number(),
  bags: z.int(),
  instances: z.int(),
  balance: z.number(),
  milliseconds: z.number(),
});
export type StepRow = z.infer<typeof stepRowSchema>;

/** … and a row per epoch. */
export const epochRowSchema = z.object({
  kind: z.literal('epoch'),
  epoch: z.int(),
  trainLoss: z.number(),
  validation: metricsSchema.nullable(),
  isBest: z.boolean(),
  bagsPerSecond: z.number(),
  seconds: z.number(),
  /** Milliseconds that a bag takes, as measured in this epoch: what the next one is planned with. */
  costs: z.object({ fixed: z.number(), perInstance: z.number() }).optional(),
});
export type EpochRow = z.infer<typeof epochRowSchema>;
export type MetricRow = StepRow | EpochRow;

/**
 * ledger/: which bags contributed to which step, keyed by (epoch, step). Written from the bag ids that arrived in
 * the messages of the step that was applied, never from the plan: the same row on every member.
 */
export const ledgerRowSchema = z.object({
  epoch: z.int(),
  /** 1-based within the epoch. */
  step: z.int(),
  generation: z.object({ lease: z.int(), number: z.int() }),
  /** Members in rank order. */
  workers: z.array(z.string()),
  /** [slot, bag id, rank that computed it] of each gradient in the sum. */
  counted: z.array(z.tuple([z.int(), z.string(), z.int()])),
  /** Ids of bags of this step that were left out because they are poisoned (train.poisonedBags: skip). */
  skipped: z.array(z.string()),
  /** Sum of the weights that counted. */
  weight: z.number(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

/** work/: what one worker really did in a step, counted where it was done. Told once: a lost worker's last rows may be missing. */
export const workRowSchema = z.object({
  epoch: z.int(),
  step: z.int(),
  worker: z.string(),
  rank: z.int(),
  /** [slot, bag id] of each gradient that this worker computed. */
  computed: z.array(z.tuple([z.int(), z.string()])),
  /** Slots that the plan gave to this worker. */
  planned: z.array(z.int()),
  gradientBytesSent: z.int(),
  gradientBytesReceived: z.int(),
  computeMs: z.number(),
  waitMs: z.number(),
  /** In which the compute thread had nothing to do because a bag was not there. */
  dataWaitMs: z.number().default(0),
  /** The whole step on this worker. */
  stepMs: z.number().default(0),
});
export type WorkRow = z.infer<typeof workRowSchema>;

/** events.jsonl: what happened to the run, for people and machines. */
export const eventRowSchema = z.object({
  time: z.string(),
  event: z.string(),
  message: z.string(),
  worker: z.string().optional(),
});
export type EventRow = z.infer<typeof eventRowSchema>;

/** Contents of best.json and latest.json: the step that a pointer names. */
export const pointerSchema = z.object({ step: z.int().nonnegative(), manifestSha256: z.string() });
export type CheckpointPointer = z.infer<typeof pointerSchema>;

/** control/scale.json. */
export const scaleRequestSchema = z.object({
  schemaVersion: z.int(),
  workers: z.int().min(1).max(MOST_WORKERS),
  requestedAt: z.string(),
});
export type ScaleRequest = z.infer<typeof scaleRequestSchema>;

/** control/lease.json: replaced by compare-and-swap only. */
export const leaseSchema = z.object({
  schemaVersion: z.int(),
  /** Counts the coordinators of the run, from 1. */
  token: z.int().positive(),
  /** Drawn anew by each coordinator process: tells its own writes from others'. */
  holder: z.string(),
  /** host:port of the coordinator; null when it has let the run go. */
  address: z.string().nullable(),
  /** For people; nobody decides by it. */
  renewedAt: z.string(),
});
export type LeaseRecord = z.infer<typeof leaseSchema>;
