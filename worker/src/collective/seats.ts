/**
 * The seats of one generation: for each other member, the stream that it opened to this worker.
 * In: calls that the server let through. Out: an Outbox per member, as soon as it has come.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Faults } from '../faults/faults.js';
import { type Generation, type Member, nameOfGeneration, nameOfMember } from './generation.js';
import { greeting } from './greeting.js';
import { type FrameStream, Outbox } from './outbox.js';
import { othersOf } from './round.js';

interface Seat {
  readonly taken: Promise<Outbox>;
  readonly sit: (outbox: Outbox) => void;
  outbox: Outbox | undefined;
}

export class Seats {
  readonly #seats = new Map<number, Seat>();
  #closed: string | undefined;
  /** Called when the generation ends here, with the reason. */
  onClose: ((reason: string) => void) | undefined;

  constructor(
    readonly generation: Generation,
    readonly rank: number,
    readonly members: readonly Member[],
    readonly faults: Faults,
  ) {
    for (const other of othersOf(rank, members.length)) {
      let sit!: (outbox: Outbox) => void;
      const taken = new Promise<Outbox>((resolve) => {
        sit = resolve;
      });
      this.#seats.set(other, { taken, sit, outbox: undefined });
    }
  }

  /** Never settles if the member never comes: whoever waits sets the deadline. */
  outboxOf(rank: number): Promise<Outbox> {
    return (this.#seats.get(rank) as Seat).taken;
  }

  /** Errors: `peer-refused` if this generation has no such member, or has it already, or is over. */
  take(rank: number, id: string, call: FrameStream): void {
    const seat = this.#seats.get(rank);
    if (this.#closed !== undefined) throw this.#refused(`this worker left it: ${this.#closed}`);
    if (!seat || this.members[rank].id !== id)
      throw this.#refused(`worker ${JSON.stringify(id)} is not its rank ${rank}`);
    if (seat.outbox) throw this.#refused(`${nameOfMember(this.members, rank)} has its stream already`);
    seat.outbox = new Outbox(call, nameOfMember(this.members, rank));
    if (!this.faults.drops('peer.hello'))
      seat.outbox.push(
        greeting('hello', this.rank, this.members[this.rank].id, this.generation),
        () => undefined,
      );
    seat.sit(seat.outbox);
  }

  close(reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const { outbox } of this.#seats.values()) outbox?.end(reason);
    this.onClose?.(reason);
  }

  #refused(message: string): BagfleetError {
    return new BagfleetError('peer-refused', `${nameOfGeneration(this.generation)}: ${message}`);
  }
}
