/**
 * What the coordinator's core knows, hears and decides. Plain data: no clock, no stream, no process.
 */
import type { BagfleetError, RunState } from '@bagfleet/proto';

/** Generations of a later coordinator (a higher lease) come after all of an earlier one. */
export interface GenerationId {
  readonly lease: number;
  readonly number: number;
}

/**
 * A worker's way: launched → joined → ready → member → finished; `leaving` when it was told to go (SIGTERM), and
 * gone from anywhere. A gone worker that is due to come back is launched again under the same id.
 */
export type MemberPhase = 'launched' | 'joined' | 'ready' | 'member' | 'finished' | 'leaving' | 'gone';

export interface Doing {
  readonly phase: string;
  readonly epoch: number;
  readonly step: number;
}

/** What a worker that outlived its coordinator says of itself. */
export interface Standing {
  readonly generation: GenerationId;
  /** Ids in rank order. */
  readonly members: readonly string[];
  /** The generation can't go on for it. */
  readonly broken: boolean;
}

export interface Limits {
  /** Below this many the run waits … */
  readonly minWorkers: number;
  /** … at most so long. */
  readonly waitMs: number;
  readonly setupMs: number;
  readonly heartbeatMs: number;
  /** How long a member may show no progress in a step, in a validation, while it writes a checkpoint. */
  readonly stepMs: number;
  readonly evaluationMs: number;
  readonly checkpointMs: number;
  /** How long a launched worker may have no place to run. */
  readonly placeMs: number;
  /** How long a complaint about another worker waits for the true cause (that worker's loss) to show. */
  readonly graceMs: number;
  /** How long a coordinator that took over waits for workers that still live. */
  readonly adoptMs: number;
  /** How long workers that were told to stop may take before they are killed. */
  readonly stopMs: number;
  /** How long the last checkpoint of a run that is told to stop may take. */
  readonly keepMs: number;
  readonly restarts: number;
  readonly backoffMs: number;
  readonly determinism: 'strict' | 'relaxed';
}

export interface Verdict {
  readonly state: Extract<RunState, 'done' | 'failed' | 'cancelled' | 'interrupted'>;
  readonly error: BagfleetError | null;
}

export type CoreEvent =
  /** `workers` are wanted; `takeover`: an earlier coordinator ran, and its workers may still live. */
  | { readonly kind: 'begin'; readonly lease: number; readonly workers: number; readonly takeover: boolean }
  | {
      readonly kind: 'joined';
      readonly worker: string;
      readonly incarnation: string;
      readonly fingerprint: string;
      readonly standing: Standing | null;
    }
  | { readonly kind: 'ready'; readonly worker: string; readonly address: string; readonly probe: string }
  | { readonly kind: 'heard'; readonly worker: string; readonly doing: Doing | null }
  | {
      readonly kind: 'entered';
      readonly worker: string;
      readonly generation: GenerationId;
      readonly step: number;
    }
  | {
      readonly kind: 'broken';
      readonly worker: string;
      readonly generation: GenerationId;
      readonly error: BagfleetError;
      readonly suspects: readonly string[];
    }
  | {
      readonly kind: 'finished';
      readonly worker: string;
      readonly generation: GenerationId;
      readonly stateDigest: string;
    }
  /** Its own trouble, such as a broken bag: the run can't go on with any fleet. */
  | { readonly kind: 'failed'; readonly worker: string; readonly error: BagfleetError }
  /** It was launched and has no place to run yet: why, as a sentence without its subject's name. */
  | { readonly kind: 'placing'; readonly worker: string; readonly incarnation: string; readonly why: string }
  /** Its process begins: from now on it has to be ready in time. */
  | { readonly kind: 'placed'; readonly worker: string; readonly incarnation: string }
  /** It got SIGTERM. */
  | { readonly kind: 'leaving'; readonly worker: string; readonly reason: string }
  | { readonly kind: 'kept'; readonly worker: string; readonly step: number }
  /** Its session's stream ended. */
  | { readonly kind: 'closed'; readonly worker: string }
  | {
      readonly kind: 'exited';
      readonly worker: string;
      readonly incarnation: string;
      readonly code: number | null;
      readonly signal: string | null;
      /** What whoever ended it says: killed for memory, evicted, deleted. */
      readonly why: string | null;
      readonly lastLines: readonly string[];
    }
  | { readonly kind: 'scale'; readonly workers: number }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'interrupt'; readonly signal: string }
  | { readonly kind: 'tick' };

export type CoreEffect =
  | { readonly kind: 'launch'; readonly worker: string; readonly incarnation: string }
  | { readonly kind: 'welcome'; readonly worker: string }
  /** Closes the session with this word; its process leaves by itself. */
  | { readonly kind: 'refuse'; readonly worker: string; readonly error: BagfleetError }
  | {
      readonly kind: 'start';
      readonly worker: string;
      readonly rank: number;
      readonly generation: GenerationId;
      readonly members: readonly { readonly id: string; readonly address: string }[];
      /** Nobody was lost: members finish the step that they are in. */
      readonly graceful: boolean;
    }
  /** Write a checkpoint at the next step boundary. */
  | { readonly kind: 'keep'; readonly worker: string }
  | { readonly kind: 'stop'; readonly worker: string; readonly reason: string; readonly complete: boolean }
  /** The fleet's ids are below w<ids> from now on: a launcher that keeps workers alive by itself keeps these. */
  | { readonly kind: 'size'; readonly ids: number }
  /** Ends the process at once, and closes its session. */
  | { readonly kind: 'kill'; readonly worker: string }
  /** What status.json says. */
  | {
      readonly kind: 'status';
      readonly state: 'starting' | 'running' | 'waiting';
      readonly workers: number;
      readonly phase: string;
    }
  /** A line of events.jsonl: a sentence with its numbers. */
  | { readonly kind: 'note'; readonly event: string; readonly message: string; readonly worker?: string }
  | { readonly kind: 'conclude'; readonly verdict: Verdict };
