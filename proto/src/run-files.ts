/**
 * A run's folder in the store: its file names and the shape of their rows.
 * The store is the job history: whoever wants to know about a run reads these, nothing else.
 */
import { z } from 'zod';
import { metricsSchema } from './checkpoint-manifest.js';

export const RUN_FILES = {
  job: 'job.json',
  status: 'status.json',
  events: 'events.jsonl',
  metrics: 'metrics.jsonl',
  ledger: 'ledger.jsonl',
  logs: 'logs/',
  checkpoints: 'checkpoints/',
  best: 'checkpoints/best.json',
  latest: 'checkpoints/latest.json',
  tensorboard: 'tensorboard/',
  curves: 'curves.png',
  /** Written by whoever wants the run to end; the coordinator looks for it every second. */
  cancel: 'control/cancel.json',
} as const;

/** checkpoints/step-000042/ for step 42. */
export function checkpointFolder(step: number): string {
  return `${RUN_FILES.checkpoints}step-${String(step).padStart(6, '0')}/`;
}

export const RUN_STATES = ['starting', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const;
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
});
export type EpochRow = z.infer<typeof epochRowSchema>;
export type MetricRow = StepRow | EpochRow;

/** ledger.jsonl: what each worker really did in each step. */
export const ledgerRowSchema = z.object({
  epoch: z.int(),
  step: z.int(),
  worker: z.string(),
  rank: z.int(),
  /** [slot, bag id] of each gradient that this worker computed, counted where it was computed. */
  computed: z.array(z.tuple([z.int(), z.string()])),
  /** Slots that the plan gave to this worker. */
  planned: z.array(z.int()),
  gradientBytesSent: z.int(),
  gradientBytesReceived: z.int(),
  computeMs: z.number(),
  waitMs: z.number(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

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
