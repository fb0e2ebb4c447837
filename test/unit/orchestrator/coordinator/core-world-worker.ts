/**
 * A simulated worker: what is known of one process and of the generation that it was told to be in.
 */
import type { GenerationId } from '@bagfleet/orchestrator/coordinator/core/core-types';

/** The exit code of a worker that is let go before the run is complete. */
export const TOLD_TO_GO = 143;

export interface Target {
  readonly generation: GenerationId;
  readonly members: readonly string[];
  arrived: boolean;
  entered: boolean;
  waited: number;
  broken: boolean;
  finished: boolean;
}

export interface SimWorker {
  readonly id: string;
  readonly incarnation: string;
  alive: boolean;
  session: boolean;
  /** What it has come to by itself: a prepared worker that comes back is ready at once. */
  prepared: boolean;
  ready: boolean;
  welcomed: boolean;
  /** Stopped as by SIGSTOP; computes no more but answers. */
  frozen: boolean;
  hung: boolean;
  stopping: boolean;
  leaving: boolean;
  /** 0 once it was told that the run is complete. */
  exitCode: number;
  keep: boolean;
  /** Updates in its state; null before it has one. */
  step: number | null;
  target: Target | null;
}

export function pair(a: string, b: string): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}

export function launched(id: string, incarnation: string): SimWorker {
  return {
    id,
    incarnation,
    alive: true,
    session: false,
    prepared: false,
    ready: false,
    welcomed: false,
    frozen: false,
    hung: false,
    stopping: false,
    leaving: false,
    exitCode: TOLD_TO_GO,
    keep: false,
    step: null,
    target: null,
  };
}
