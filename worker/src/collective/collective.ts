/**
 * The collective port: what the workers of one generation say to each other in a step.
 * Every member calls the same methods in the same order; each call has a deadline and names whom it waited for.
 */

/** Position in the run; a message of another position is a protocol error that names its sender. */
export interface StepKey {
  readonly epoch: number;
  readonly step: number;
}

export interface CollectiveCounters {
  /** Payload bytes of allReduce only. */
  readonly gradientBytesSent: number;
  readonly gradientBytesReceived: number;
  /** Payload bytes of exchange. */
  readonly smallBytesSent: number;
  readonly smallBytesReceived: number;
  /** Milliseconds spent waiting for peers. */
  readonly waitMs: number;
}

export interface Collective {
  readonly rank: number;
  readonly size: number;
  /**
   * Small all-to-all: everyone's message, in rank order (one's own included). `label` names the phase in errors;
   * `deadlineMs` is this call's own, where peers may take longer than for a step.
   */
  exchange(key: StepKey, label: string, mine: Uint8Array, deadlineMs?: number): Promise<Uint8Array[]>;
  /** Sums int32 buffers of equal length in place, wrapping never (the scales see to it); any N, any length. */
  allReduceInt32(key: StepKey, data: Int32Array): Promise<void>;
  /** Sums float32 buffers in rank order, in place: the plain twin for comparison, not exact. */
  allReduceFloat32(key: StepKey, data: Float32Array): Promise<void>;
  counters(): CollectiveCounters;
  /** Ends all streams; pending calls reject. */
  close(reason?: Error): void;
}
