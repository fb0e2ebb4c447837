/**
 * A fault that is made on purpose: by a test's script, or by `bagfleet chaos` in a job that allows it.
 * In: JSON. Out: who does what to itself, when, and how often.
 */
import { z } from 'zod';

/** Where in its work a worker may fail; the hooks stand in the code at exactly these places. */
export const FAULT_PHASES = [
  /** After the first gradient of a step, before anything was said to the peers. */
  'compute',
  /** One's own tally is on its way, the others' are not all here. */
  'exchange',
  /** The first values of a sum have left (reduce-scatter). */
  'reduce',
  /** The first summed segment has left (all-gather). */
  'gather',
  /** A first chunk of a peer's state has arrived; or has left for a peer. */
  'pull',
  'donate',
  /** The checkpoint's model file is stored, its manifest is not. */
  'checkpoint',
  /** The first bag of a validation is predicted. */
  'evaluation',
] as const;
export type FaultPhase = (typeof FAULT_PHASES)[number];

/** Messages that can be dropped: of the session by their name, of the peers by the kind of their frame. */
export const DROPPABLE = [
  'session.join',
  'session.ready',
  'session.heartbeat',
  'session.rows',
  'session.finished',
  'session.entered',
  'session.broken',
  'session.leaving',
  'session.kept',
  'session.welcome',
  'session.start',
  'session.stop',
  'session.stored',
  'session.keep',
  'peer.open',
  'peer.hello',
  'peer.exchange',
  'peer.contribution',
  'peer.sum',
  'peer.state',
] as const;
export type Droppable = (typeof DROPPABLE)[number];

const place = {
  /** Names the order in logs and in the mark that says that it was carried out. */
  id: z.string().regex(/^[\w.-]{1,80}$/),
  worker: z.string().min(1),
};

/**
 * Carried out once over all launches of the worker, the first time that it reaches the phase at this point of the
 * run or after it: a redone step does not fail again, and a worker that was down catches up.
 */
const atPhase = {
  ...place,
  phase: z.enum(FAULT_PHASES),
  epoch: z.int().positive().optional(),
  /** 1-based within the epoch. */
  step: z.int().positive().optional(),
};

export const faultOrderSchema = z.discriminatedUnion('act', [
  /** SIGKILL or SIGSTOP to itself. */
  z.strictObject({ act: z.literal('kill'), ...atPhase }),
  z.strictObject({ act: z.literal('pause'), ...atPhase }),
  /** Rests for a while, once, or the next `times` that it comes there. */
  z.strictObject({
    act: z.literal('delay'),
    ...atPhase,
    ms: z.number().positive().max(600_000),
    times: z.int().positive().max(10_000).optional(),
  }),
  /** Rests so long in each step that it computes in, in every launch: time for other faults to fall into. */
  z.strictObject({ act: z.literal('pace'), ...place, ms: z.number().positive().max(10_000) }),
  /**
   * One bit of the next gradient is flipped. `always`: of every gradient, the probe's too; with a step, from that
   * step on, and then in later launches from their beginning, as by a machine that went bad.
   */
  z.strictObject({
    act: z.literal('flip'),
    ...place,
    step: z.int().positive().optional(),
    always: z.boolean().default(false),
  }),
  /** The next gradient is NaN, on this worker alone. */
  z.strictObject({ act: z.literal('poison'), ...place, step: z.int().positive().optional() }),
  /** The connection to a peer is broken; with `ms`, what goes to it is held back so long each time. */
  z.strictObject({
    act: z.literal('cut'),
    ...place,
    peer: z.string().min(1),
    epoch: z.int().positive().optional(),
    step: z.int().positive().optional(),
  }),
  z.strictObject({
    act: z.literal('slow'),
    ...place,
    peer: z.string().min(1),
    ms: z.number().positive().max(60_000),
    times: z.int().positive().max(10_000),
  }),
  /** Messages of this kind never leave this worker, or never reach it. */
  z.strictObject({
    act: z.literal('drop'),
    ...place,
    message: z.enum(DROPPABLE),
    times: z.int().positive().default(1_000_000),
  }),
]);
export type FaultOrder = z.infer<typeof faultOrderSchema>;

/** An order of `bagfleet chaos`, as it lies in the run's folder for the coordinator. */
export const chaosOrderSchema = z.strictObject({
  schemaVersion: z.int(),
  /** checkpoint: kill whoever writes the next checkpoint. `coordinator` kills the coordinator itself. */
  what: z.enum([
    'kill-worker',
    'pause-worker',
    'drop-link',
    'delay-link',
    'kill-coordinator',
    'kill-during-checkpoint',
  ]),
  /** Which worker; without it one is drawn from `draw`. */
  worker: z.string().nullable(),
  /** 0 … 1, drawn by the sender: decides what the order leaves open. */
  draw: z.number().min(0).max(1),
  requestedAt: z.string(),
});
export type ChaosOrder = z.infer<typeof chaosOrderSchema>;
