/**
 * The small all-to-all: everyone's message to everyone.
 * In: one's own message, copied at once. Out: all messages in rank order.
 */
import { FRAME_KINDS, type Frame } from '@bagfleet/proto/grpc/peer-frame';
import { type Awaited, othersOf, type Parcel, type Round, UnfitFrame } from './round.js';

export class ExchangeRound implements Round {
  readonly entries = 0;
  readonly #messages: (Uint8Array | undefined)[];

  constructor(
    readonly rank: number,
    size: number,
    mine: Uint8Array,
  ) {
    this.#messages = new Array<Uint8Array | undefined>(size).fill(undefined);
    this.#messages[rank] = new Uint8Array(mine);
  }

  begin(): Parcel[] {
    const payload = this.#messages[this.rank] as Uint8Array;
    return othersOf(this.rank, this.#messages.length).map((to) => ({
      to,
      kind: FRAME_KINDS.exchange,
      segment: 0,
      payload,
    }));
  }

  accept(sender: number, { header, payload }: Frame): Parcel[] {
    if (header.kind !== FRAME_KINDS.exchange)
      throw new UnfitFrame('sums gradients where a message is exchanged');
    if (this.#messages[sender]) throw new UnfitFrame('sent its message twice');
    this.#messages[sender] = payload;
    return [];
  }

  awaited(sender: number): Awaited | null {
    return this.#messages[sender] ? null : { what: 'its message', needsNobody: true };
  }

  /** Everyone's message in rank order; defined once nothing is awaited any more. */
  messages(): Uint8Array[] {
    return this.#messages as Uint8Array[];
  }
}
