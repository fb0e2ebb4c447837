/**
 * What the coordinator's core knows, hears and decides. Plain data: no clock, no stream, no process.
 */
import type { BagfleetError, RunState } from '@bagfleet/proto';

/** A worker's way: launched → joined → ready → training → finished → gone; it may go from anywhere. */
export type MemberPhase = 'launched' | 'joined' | 'ready' | 'training' | 'finished' | 'gone';

export interface Doing {
  readonly phase: string;
  readonly epoch: number;
  readonly step: number;
}

export interface Member {
  readonly id: string;
  readonly phase: MemberPhase;
  /** Milliseconds of the core's clock when the worker was last heard; null before it joined. */
  readonly heardAt: number | null;
  readonly doing: Doing | null;
  readonly fingerprint: string | null;
  readonly probe: string | null;
  readonly address: string | null;
  readonly stateDigest: string | null;
}

export interface Limits {
  readonly workers: number;
  readonly setupMs: number;
  readonly heartbeatMs: number;
  /** How long a complaint about another worker waits for the true cause (that worker's exit) to show. */
  readonly graceMs: number;
  /** How long workers that were told to stop may take before they are killed. */
  readonly stopMs: number;
  readonly determinism: 'strict' | 'relaxed';
}

export interface Verdict {
  readonly state: Extract<RunState, 'done' | 'failed' | 'cancelled' | 'interrupted'>;
  readonly error: BagfleetError | null;
}

export interface CoreState {
  readonly limits: Limits;
  readonly phase: 'new' | 'gathering' | 'training' | 'ending' | 'over';
  /** In rank order. */
  readonly members: ReadonlyMap<string, Member>;
  readonly generation: number;
  readonly gatheringSince: number;
  /** The first complaint that awaits its cause. */
  readonly suspicion: { readonly error: BagfleetError; readonly since: number } | null;
  readonly verdict: Verdict | null;
  readonly endingSince: number;
  readonly killed: boolean;
}

export type CoreEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'joined'; readonly worker: string; readonly fingerprint: string }
  | { readonly kind: 'ready'; readonly worker: string; readonly address: string; readonly probe: string }
  | { readonly kind: 'heard'; readonly worker: string; readonly doing: Doing | null }
  | { readonly kind: 'finished'; readonly worker: string; readonly stateDigest: string }
  | { readonly kind: 'failed'; readonly worker: string; readonly error: BagfleetError }
  | { readonly kind: 'closed'; readonly worker: string }
  | {
      readonly kind: 'exited';
      readonly worker: string;
      readonly code: number | null;
      readonly signal: string | null;
      readonly lastLines: readonly string[];
    }
  | { readonly kind: 'cancel'; readonly reason: string }
  | { readonly kind: 'interrupt'; readonly signal: string }
  | { readonly kind: 'tick' };

export type CoreEffect =
  | { readonly kind: 'launch'; readonly worker: string }
  | { readonly kind: 'welcome'; readonly worker: string }
  | { readonly kind: 'refuse'; readonly worker: string; readonly error: BagfleetError }
  | {
      readonly kind: 'start';
      readonly worker: string;
      readonly rank: number;
      readonly generation: number;
      readonly members: readonly { readonly id: string; readonly address: string }[];
    }
  | { readonly kind: 'stop'; readonly worker: string; readonly reason: string }
  | { readonly kind: 'kill'; readonly worker: string }
  /** A line of events.jsonl: a sentence with its numbers. */
  | { readonly kind: 'note'; readonly event: string; readonly message: string; readonly worker?: string }
  | { readonly kind: 'conclude'; readonly verdict: Verdict };

export interface Decision {
  readonly state: CoreState;
  readonly effects: readonly CoreEffect[];
}
