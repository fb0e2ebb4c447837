/**
 * Frames on their way to the outboxes, and the faults that may meet them there.
 * In: frames with their receivers. Out: the same frames in the same order, unless a fault drops or delays one.
 */
import type { Droppable, FaultPhase } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame, type FrameKind } from '@bagfleet/proto/grpc/peer-frame';
import type { Faults } from '../faults/faults.js';
import type { Member } from './generation.js';
import type { Outbox } from './outbox.js';

export class Departures {
  /** By receiver, the end of the line of frames that a fault holds back. */
  readonly #held = new Map<number, Promise<unknown>>();

  constructor(
    readonly members: readonly Member[],
    readonly outboxes: ReadonlyMap<number, Outbox>,
    readonly faults: Faults,
  ) {}

  /** `gone` is called when the frame's bytes have left; what a fault drops counts as gone. */
  push(to: number, frame: Frame, gone: () => void): void {
    const { kind, epoch, step } = frame.header;
    const left = () => {
      gone();
      void this.faults.at(phaseOf(kind), { epoch, step: step + 1 });
    };
    if (this.faults.drops(droppableOf(kind))) return left();
    const delayMs = this.faults.delayTo(this.members[to].id);
    const line = this.#held.get(to);
    if (!line && delayMs === 0) return this.outboxes.get(to)?.push(frame, left);
    const turn = Promise.all([line, new Promise((resolve) => setTimeout(resolve, delayMs))]);
    this.#held.set(
      to,
      turn.then(() => this.outboxes.get(to)?.push(frame, left)),
    );
  }
}

/** Where a member is in its step once a frame of this kind has left. */
function phaseOf(kind: FrameKind): FaultPhase {
  if (kind === FRAME_KINDS.exchange) return 'exchange';
  return kind === FRAME_KINDS.contribution || kind === FRAME_KINDS.floatContribution ? 'reduce' : 'gather';
}

function droppableOf(kind: FrameKind): Droppable {
  if (kind === FRAME_KINDS.exchange) return 'peer.exchange';
  return phaseOf(kind) === 'reduce' ? 'peer.contribution' : 'peer.sum';
}
