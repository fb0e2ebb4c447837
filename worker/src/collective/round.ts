/**
 * A round: what one call of the collective is to this member, as a machine without I/O.
 * In: frames of the others. Out: parcels to send, and what is still awaited from whom.
 * `running-round.ts` gives it a network, a clock and a promise.
 */
import type { Frame, FrameKind } from '@bagfleet/proto/grpc/peer-frame';

export interface Parcel {
  /** Rank of the receiver. */
  readonly to: number;
  readonly kind: FrameKind;
  readonly segment: number;
  /** A view of the caller's buffer: it must not change until the parcel is sent. */
  readonly payload: Uint8Array;
}

export interface Round {
  /** Entries of the whole buffer; members must agree on it. 0 where that means nothing. */
  readonly entries: number;
  /** What leaves at once. */
  begin(): Parcel[];
  /**
   * Takes a frame in and returns what may leave now. A frame that this round cannot take is a protocol error,
   * thrown as an UnfitFrame; frames of one sender arrive in the order in which it sent them.
   */
  accept(sender: number, frame: Frame): Parcel[];
  /** What is still to come from a rank; null when it has sent all. */
  awaited(sender: number): Awaited | null;
}

export interface Awaited {
  /** Such as `its message`. */
  readonly what: string;
  /** False if the sender may itself be waiting for a third member: then that one is to blame first. */
  readonly needsNobody: boolean;
}

/** A frame that does not fit the round; the caller knows the sender's name. */
export class UnfitFrame extends Error {}

/** All ranks but one's own, beginning with the next: so that not everybody sends to rank 0 first. */
export function othersOf(rank: number, size: number): number[] {
  return Array.from({ length: size - 1 }, (_, i) => (rank + 1 + i) % size);
}
