/**
 * Where arriving frames find the call that they belong to.
 * In: frames with the number of their call. Out: each to its round; those that come early wait.
 *
 * A member that is ahead sends for a call that this worker has not made yet. What waits from one member is
 * bounded: above the limit its stream rests until the call is made. That cannot lock up, because members make
 * the same calls in the same order and sums run one after another: behind frames of a call that is not made
 * here, there is none that a call made here needs.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Frame } from '@bagfleet/proto/grpc/peer-frame';
import type { RunningRound } from './running-round.js';

export const EARLY_BYTES = 32 * 2 ** 20;

export interface Position {
  readonly epoch: number;
  readonly step: number;
  readonly label: number;
}

interface Expected {
  readonly round: RunningRound;
  readonly position: Position;
}

export interface Inbound {
  pause(): void;
  resume(): void;
}

export class Inbox {
  readonly #expected = new Map<number, Expected>();
  /** Frames that came early, by sender. */
  readonly #early = new Map<number, { frames: Frame[]; bytes: number }>();
  #latest = -1;

  constructor(
    readonly inbound: (rank: number) => Inbound,
    readonly nameOf: (rank: number) => string,
  ) {}

  expect(operation: number, round: RunningRound, position: Position): void {
    this.#expected.set(operation, { round, position });
    this.#latest = operation;
  }

  /** Hands over what came early for a round that has just begun. */
  begun(operation: number): void {
    for (const [rank, early] of this.#early) {
      const due = early.frames.filter((frame) => frame.header.operation === operation);
      if (due.length === 0) continue;
      early.frames = early.frames.filter((frame) => frame.header.operation !== operation);
      const full = early.bytes > EARLY_BYTES;
      early.bytes -= due.reduce((sum, frame) => sum + frame.payload.byteLength, 0);
      if (full && early.bytes <= EARLY_BYTES) this.inbound(rank).resume();
      for (const frame of due) this.deliver(rank, frame);
    }
  }

  /** The round is over: a frame of it that still comes, because it failed here, is dropped. */
  forget(operation: number): void {
    this.#expected.delete(operation);
  }

  /** Errors: `plan-mismatch` names a sender that is at another step than this worker in the same call. */
  deliver(rank: number, frame: Frame): void {
    const expected = this.#expected.get(frame.header.operation);
    if (expected) this.#checkPosition(rank, frame, expected);
    if (expected?.round.begun) expected.round.accept(rank, frame);
    else if (expected || frame.header.operation > this.#latest) this.#keep(rank, frame);
  }

  #keep(rank: number, frame: Frame): void {
    const early = this.#early.get(rank) ?? { frames: [], bytes: 0 };
    this.#early.set(rank, early);
    early.frames.push(frame);
    const before = early.bytes;
    early.bytes += frame.payload.byteLength;
    if (before <= EARLY_BYTES && early.bytes > EARLY_BYTES) this.inbound(rank).pause();
  }

  #checkPosition(rank: number, { header }: Frame, { round, position }: Expected): void {
    const { epoch, step, label } = position;
    if (header.epoch === epoch && header.step === step && header.label === label) return;
    const where = `epoch ${header.epoch} step ${header.step}`;
    const what = header.label === label ? '' : ' in another phase';
    throw new BagfleetError('plan-mismatch', `it is at ${where}${what}, this worker is in ${round.name}`, {
      culprit: this.nameOf(rank),
      hint: 'All workers of a generation must take the same steps in the same order.',
    });
  }
}
