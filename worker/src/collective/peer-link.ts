/**
 * What comes from one member: the receiving end of the stream that we open to it.
 * In: its address. Out: `hello` once it has admitted us, then frames in order, then at most one loss.
 */
import { BagfleetError } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame, readFrame } from '@bagfleet/proto/grpc/peer-frame';
import { frameToBytes, PULL_PATH, sameBytes } from '@bagfleet/proto/grpc/peer-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { onStranger, whyUntrusted } from '@bagfleet/proto/grpc/who-answers';
import {
  type Client,
  type ClientReadableStream,
  Metadata,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { type Generation, type Member, nameOfGeneration, nameOfMember } from './generation.js';
import { greeting, idIn } from './greeting.js';
import { reasonOf, refusalOf } from './parting.js';
import { clientTo } from './peer-channel.js';

export interface LinkTarget {
  readonly members: readonly Member[];
  readonly generation: Generation;
  /** Our rank and the member's. */
  readonly own: number;
  readonly rank: number;
  readonly token: string;
  readonly identity: RunIdentity | null;
}

export class PeerLink {
  readonly peer: string;
  /** Settles when the member has admitted us, or rejects with its refusal or its loss. */
  readonly hello: Promise<void>;
  readonly #client: Client;
  readonly #call: ClientReadableStream<Buffer>;
  #admitted!: () => void;
  #refused!: (error: BagfleetError) => void;
  #onFrame: ((frame: Frame) => void) | undefined;
  #onLoss: ((error: BagfleetError) => void) | undefined;
  #lastStatus: StatusObject | undefined;
  #loss: BagfleetError | null = null;
  #closed = false;

  constructor(readonly target: LinkTarget) {
    this.peer = nameOfMember(target.members, target.rank);
    this.hello = new Promise((resolve, reject) => {
      this.#admitted = resolve;
      this.#refused = reject;
    });
    this.hello.catch(() => undefined); // Whoever connects awaits it; a closed link needs no one to.
    const { address } = target.members[target.rank];
    this.#client = clientTo(address, target.identity);
    this.#call = this.#open();
    this.#watchTrust(address);
    this.#call.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#call.on('status', (last: StatusObject) => {
      this.#lastStatus = last;
    });
    this.#call.on('end', () => this.#lose(this.#farewell()));
    this.#call.on('error', (error: ServiceError) => this.#lose(this.#breach(error)));
  }

  get loss(): BagfleetError | null {
    return this.#loss;
  }

  /** Lets frames flow; a loss that came before is told at once. */
  flow(onFrame: (frame: Frame) => void, onLoss: (error: BagfleetError) => void): void {
    this.#onFrame = onFrame;
    this.#onLoss = onLoss;
    if (this.#loss) onLoss(this.#loss);
    else this.#call.resume();
  }

  /** Stops reading: what the member sends waits in its memory until `resume`. */
  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    if (!this.#closed) this.#call.resume();
  }

  /** Breaks the stream, as a lost connection would. */
  sever(): void {
    this.#lose(new BagfleetError('worker-lost', 'the stream from it broke: cut off', { culprit: this.peer }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#call.cancel();
    this.#client.close();
    this.#refused(new BagfleetError('cancelled', 'the link was closed', { culprit: this.peer }));
  }

  /** The call waits until it is connected; who is not trusted would be waited for until the deadline. */
  #watchTrust(address: string): void {
    const { identity } = this.target;
    if (!identity) return;
    const look = () => whyUntrusted(address, 'worker', identity);
    onStranger(this.#client, look, (why) =>
      this.#lose(
        new BagfleetError('peer-refused', `who answers at its address is not trusted: ${why}`, {
          culprit: this.peer,
        }),
      ),
    );
  }

  #open(): ClientReadableStream<Buffer> {
    const { generation, own, token, members } = this.target;
    const request = greeting('open', own, members[own].id, generation);
    const metadata = new Metadata({ waitForReady: true });
    metadata.set('authorization', `Bearer ${token}`);
    return this.#client.makeServerStreamRequest(PULL_PATH, frameToBytes, sameBytes, request, metadata);
  }

  #read(bytes: Buffer): void {
    if (this.#closed || this.#loss) return;
    try {
      const frame = readFrame(bytes, this.peer);
      this.#checkSender(frame);
      if (this.#onFrame) this.#onFrame(frame);
      else this.#admit(frame);
    } catch (error) {
      this.#lose(BagfleetError.from(error));
    }
  }

  /** The first frame; the stream then rests until `flow`. */
  #admit(frame: Frame): void {
    const id = idIn(frame);
    if (frame.header.kind !== FRAME_KINDS.hello || id !== this.target.members[this.target.rank].id)
      throw new BagfleetError('peer-refused', `at its address answers worker ${JSON.stringify(id)}`, {
        culprit: this.peer,
      });
    this.#call.pause();
    this.#admitted();
  }

  #checkSender({ header }: Frame): void {
    const { generation, rank } = this.target;
    const same = header.coordinator === generation.coordinator && header.generation === generation.number;
    if (same && header.sender === rank) return;
    const theirs = nameOfGeneration({ coordinator: header.coordinator, number: header.generation });
    throw new BagfleetError('peer-refused', `sent a frame of rank ${header.sender} in ${theirs}`, {
      culprit: this.peer,
      hint: `This link belongs to rank ${rank} in ${nameOfGeneration(generation)}.`,
    });
  }

  #lose(error: BagfleetError): void {
    if (this.#closed || this.#loss) return;
    this.#loss = error;
    this.#refused(error);
    this.#call.cancel();
    this.#onLoss?.(error);
  }

  #farewell(): BagfleetError {
    const reason = this.#lastStatus && reasonOf(this.#lastStatus.metadata);
    return new BagfleetError(
      'worker-lost',
      `it left ${nameOfGeneration(this.target.generation)}: ${reason ?? 'no reason given'}`,
      {
        culprit: this.peer,
      },
    );
  }

  /** A refusal keeps its code and gets the name of who refused; all else is a broken stream. */
  #breach(error: ServiceError): BagfleetError {
    const refusal = refusalOf(error.metadata);
    if (refusal)
      return new BagfleetError(refusal.code, `it refused us: ${refusal.message}`, {
        culprit: this.peer,
        ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
      });
    if (error.code === status.UNAUTHENTICATED)
      return new BagfleetError('peer-refused', `it turned us away: ${error.details}`, { culprit: this.peer });
    return new BagfleetError('worker-lost', `the stream from it broke: ${error.details}`, {
      culprit: this.peer,
    });
  }
}
