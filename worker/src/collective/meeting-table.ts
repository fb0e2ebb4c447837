/**
 * Where the members of a memory collective meet: for each call, everyone lays down a copy and takes all.
 * In: gifts, by call and rank. Out: all gifts of a call in rank order, once the last is there.
 */
import { BagfleetError } from '@bagfleet/proto';

type Gift = Uint8Array | Int32Array | Float32Array;

class Meeting {
  readonly gifts = new Map<number, Gift>();
  readonly complete: Promise<void>;
  open!: () => void;
  abandon!: (error: Error) => void;

  constructor(readonly what: string) {
    this.complete = new Promise((resolve, reject) => {
      this.open = resolve;
      this.abandon = reject;
    });
    this.complete.catch(() => undefined); // Those who wait see the rejection; there may be none.
  }
}

export class MeetingTable {
  readonly #meetings = new Map<number, Meeting>();
  readonly #gone = new Map<number, BagfleetError>();

  constructor(
    readonly size: number,
    readonly deadlineMs: number,
  ) {}

  /** Errors: `plan-mismatch`, `wait-timeout` and `worker-lost`, naming the members. */
  async meet<T extends Gift>(
    rank: number,
    call: number,
    what: string,
    gift: T,
    deadlineMs: number,
  ): Promise<T[]> {
    const meeting = this.#meetings.get(call) ?? new Meeting(what);
    this.#meetings.set(call, meeting);
    if (meeting.what !== what) meeting.abandon(outOfStep(rank, what, meeting.what));
    meeting.gifts.set(rank, gift.slice());
    for (const [other, loss] of this.#gone) if (!meeting.gifts.has(other)) meeting.abandon(loss);
    if (meeting.gifts.size === this.size) {
      meeting.open();
      this.#meetings.delete(call);
    }
    const timer = setTimeout(() => meeting.abandon(this.#timeout(meeting, deadlineMs)), deadlineMs);
    await meeting.complete.finally(() => clearTimeout(timer));
    return Array.from({ length: this.size }, (_, other) => meeting.gifts.get(other) as T);
  }

  leave(rank: number, reason: Error): void {
    const loss = new BagfleetError('worker-lost', `it left: ${reason.message}`, { culprit: nameOf(rank) });
    this.#gone.set(rank, loss);
    for (const meeting of this.#meetings.values()) if (!meeting.gifts.has(rank)) meeting.abandon(loss);
  }

  #timeout(meeting: Meeting, deadlineMs: number): BagfleetError {
    const missing = Array.from({ length: this.size }, (_, rank) => rank).filter(
      (rank) => !meeting.gifts.has(rank),
    );
    return new BagfleetError('wait-timeout', `${meeting.what}: nothing moved for ${deadlineMs} ms`, {
      culprit: missing.map(nameOf).join(', '),
    });
  }
}

function outOfStep(rank: number, what: string, others: string): BagfleetError {
  return new BagfleetError('plan-mismatch', `it is in ${what}, others are in ${others}`, {
    culprit: nameOf(rank),
  });
}

function nameOf(rank: number): string {
  return `worker w${rank} (rank ${rank})`;
}
