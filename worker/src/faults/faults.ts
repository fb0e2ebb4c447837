/**
 * Failure injection as a port: places in the work where a worker may be made to fail, and messages that may be lost.
 * In: where the worker is. Out: nothing, unless an order says otherwise. Without orders all of it is NO_FAULTS.
 */
import type { Droppable, FaultOrder, FaultPhase } from '@bagfleet/proto';

export interface Place {
  readonly epoch: number;
  /** 1-based within the epoch; 0 where there is no step. */
  readonly step: number;
}

export interface Faults {
  /** The worker has come to this place; resolves at once unless it is made to rest here. */
  at(phase: FaultPhase, place: Place): Promise<void>;
  /** Whether this message is lost now. */
  drops(message: Droppable): boolean;
  /** Milliseconds that a frame to this peer is held back. */
  delayTo(peer: string): number;
  /** Changes a gradient that was just computed; says whether it made it not finite. */
  spoil(gradient: Float32Array, step: number | 'probe'): 'untouched' | 'changed' | 'not-finite';
  /** Told when the connection to a peer is to break; the returned function stops listening. */
  onCut(listener: (peer: string) => void): () => void;
  /** An order that came while the run goes on (`bagfleet chaos`). */
  add(order: FaultOrder): void;
}

export const NO_FAULTS: Faults = {
  at: () => Promise.resolve(),
  drops: () => false,
  delayTo: () => 0,
  spoil: () => 'untouched',
  onCut: () => () => undefined,
  add: () => undefined,
};
