/**
 * A round that is under way: a Round with a network, a clock and a promise.
 * In: frames, word that parcels were sent, news of lost members. Out: parcels, and one settled promise.
 *
 * It settles once: when everything has come and everything has left; or with the loss of a member that it still
 * needs; or when nothing has moved for `deadlineMs`, naming whom it waited for. A member that has sent and
 * taken all may be gone by then: that is not this round's loss.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Frame } from '@bagfleet/proto/grpc/peer-frame';
import { type Member, nameOfMember, namesOfMembers } from './generation.js';
import { othersOf, type Parcel, type Round, UnfitFrame } from './round.js';

/** The part of the deadline that is kept for reading what came while this process slept. */
const LAST_CHANCE = 0.1;

export interface RoundSetting {
  readonly members: readonly Member[];
  readonly rank: number;
  readonly deadlineMs: number;
  /** Sends a parcel; `sent` is called when its bytes have left. */
  send(parcel: Parcel, sent: () => void): void;
  /** Why a member can't be heard or reached any more; null while it can. */
  lossOf(rank: number): BagfleetError | null;
}

export class RunningRound {
  readonly done: Promise<void>;
  #state: 'queued' | 'begun' | 'settled' = 'queued';
  #resolve!: () => void;
  #reject!: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastMove = 0;
  #begunAt = 0;
  #busyMs = 0;
  readonly #unsent: number[];
  readonly #others: number[];

  constructor(
    readonly round: Round,
    /** What errors call it, such as `exchange 'tally' of epoch 1 step 3`. */
    readonly name: string,
    readonly setting: RoundSetting,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#unsent = new Array<number>(setting.members.length).fill(0);
    this.#others = othersOf(setting.rank, setting.members.length);
  }

  get begun(): boolean {
    return this.#state !== 'queued';
  }

  /** Milliseconds from the beginning to the end, less those spent adding and copying. */
  get waitedMs(): number {
    return Math.max(0, this.#lastMove - this.#begunAt - this.#busyMs);
  }

  begin(): void {
    if (this.#state !== 'queued') return;
    this.#state = 'begun';
    this.#begunAt = performance.now();
    this.#lastMove = this.#begunAt;
    const loss = this.#others.map((rank) => this.setting.lossOf(rank)).find((one) => one !== null);
    if (loss) {
      this.fail(loss);
      return;
    }
    this.#watch(this.setting.deadlineMs * (1 - LAST_CHANCE), false);
    this.#send(this.round.begin());
    this.#settleIfDone();
  }

  /** Takes in a frame; frames for a settled round are dropped. */
  accept(sender: number, frame: Frame): void {
    if (this.#state !== 'begun') return;
    const before = performance.now();
    try {
      this.#send(this.round.accept(sender, frame));
    } catch (error) {
      this.fail(error instanceof UnfitFrame ? this.#protocolError(sender, error) : (error as Error));
    }
    this.#lastMove = performance.now();
    this.#busyMs += this.#lastMove - before;
    this.#settleIfDone();
  }

  /** A member is gone in one direction: that matters if something is still to pass. */
  onLoss(rank: number, direction: 'from' | 'to', error: BagfleetError): void {
    if (this.#state !== 'begun') return;
    const needed = direction === 'from' ? this.round.awaited(rank) !== null : this.#unsent[rank] > 0;
    if (needed) this.fail(error);
  }

  fail(error: Error): void {
    if (this.#state === 'settled') return;
    this.#settle();
    this.#reject(error);
  }

  #send(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) {
      this.#unsent[parcel.to]++;
      this.setting.send(parcel, () => {
        this.#unsent[parcel.to]--;
        this.#lastMove = performance.now();
        this.#settleIfDone();
      });
    }
  }

  #settleIfDone(): void {
    if (this.#state !== 'begun') return;
    if (this.#others.some((rank) => this.#unsent[rank] > 0 || this.round.awaited(rank))) return;
    this.#settle();
    this.#resolve();
  }

  #settle(): void {
    this.#state = 'settled';
    clearTimeout(this.#timer);
  }

  /**
   * One timer at a time, wound up again for what is left since something last moved. Timers are due before
   * frames are read: a timer that is itself late says that this process slept, and buys one more chance.
   */
  #watch(delayMs: number, lastChance: boolean): void {
    const due = performance.now() + delayMs;
    this.#timer = setTimeout(() => {
      const { deadlineMs } = this.setting;
      const chance = deadlineMs * LAST_CHANCE;
      const now = performance.now();
      const left = this.#lastMove + deadlineMs - chance - now;
      if (left > 1) this.#watch(left, false);
      else if (!lastChance || now - due > chance) this.#watch(chance, true);
      else this.fail(this.#timeout());
    }, delayMs);
  }

  #timeout(): BagfleetError {
    const { members, deadlineMs } = this.setting;
    const open = this.#others.flatMap((rank) => {
      const awaited = this.round.awaited(rank);
      if (this.#unsent[rank] > 0) return [{ rank, what: 'to take what it is sent', needsNobody: true }];
      return awaited ? [{ rank, ...awaited }] : [];
    });
    const silent = open.filter((one) => one.needsNobody);
    const blamed = silent.length > 0 ? silent : open;
    const list = open.map(({ rank, what }) => `${nameOfMember(members, rank)}: ${what}`).join('; ');
    return new BagfleetError(
      'wait-timeout',
      `${this.name}: nothing moved for ${deadlineMs} ms, waiting for ${list}`,
      {
        culprit: namesOfMembers(
          members,
          blamed.map((one) => one.rank),
        ),
        hint: 'See whether that worker still runs and can be reached.',
      },
    );
  }

  #protocolError(sender: number, error: UnfitFrame): BagfleetError {
    return new BagfleetError('plan-mismatch', `${this.name}: it ${error.message}`, {
      culprit: nameOfMember(this.setting.members, sender),
      hint: 'All workers of a generation must take the same steps in the same order.',
    });
  }
}
