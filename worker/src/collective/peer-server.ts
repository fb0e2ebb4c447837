/**
 * The process's ear: one gRPC server on which other members open their streams, through all generations.
 * In: calls with the run's token. Out: for each generation that this worker joins, the streams of its members.
 *
 * A call of an earlier generation is refused; one of a later generation waits until this worker joins it too,
 * because the coordinator's word reaches some members sooner than others.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto';
import { type Listening, listenAs } from '@bagfleet/proto/grpc/listen-as';
import { FRAME_KINDS, type FrameHeader, readFrame } from '@bagfleet/proto/grpc/peer-frame';
import { MAX_FRAME_BYTES, peerService } from '@bagfleet/proto/grpc/peer-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { Server, status } from '@grpc/grpc-js';
import { type Faults, NO_FAULTS } from '../faults/faults.js';
import { compareGenerations, type Generation, type Member, nameOfGeneration } from './generation.js';
import { idIn } from './greeting.js';
import type { FrameStream } from './outbox.js';
import { refusalStatus } from './parting.js';
import { type StateOffer, streamOffer } from './peer-state-offer.js';
import { Seats } from './seats.js';

const MOST_WAITING = 1024;
const LONGEST_REQUEST = 4096;
const CLOSE_MS = 1000;

interface Caller {
  readonly call: FrameStream;
  readonly header: FrameHeader;
  readonly id: string;
}

export interface PeerServerOptions {
  /** Interface to listen on. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** The run's secret: callers without it are refused. */
  readonly token: string;
  /** Beyond one machine: callers without a worker's certificate of the same run are refused, too. */
  readonly identity?: RunIdentity | null;
  readonly workerId: string;
  readonly faults?: Faults;
  /** A sentence for the worker's log: who was refused, and why. */
  readonly onRefused?: (words: string) => void;
}

export class PeerServer {
  readonly #server = new Server({
    'grpc.max_receive_message_length': LONGEST_REQUEST,
    'grpc.max_send_message_length': MAX_FRAME_BYTES,
  });
  readonly #tokenDigest: Buffer;
  readonly #waiting = new Set<Caller>();
  #seats: Seats | undefined;
  #offer: StateOffer | null = null;
  #address = '';
  #listening: Listening | undefined;

  private constructor(
    token: string,
    readonly identity: RunIdentity | null,
    readonly workerId: string,
    readonly faults: Faults,
  ) {
    this.#tokenDigest = digestOf(`Bearer ${token}`);
    this.#server.addService(peerService, {
      pull: (call: FrameStream) => this.#answer(call, (caller) => this.#place(caller)),
      state: (call: FrameStream) => this.#answer(call, (caller) => this.#donate(caller)),
    });
  }

  /** Errors: `port-in-use` when nothing can listen there. */
  static async listen({
    host = '127.0.0.1',
    port = 0,
    token,
    identity = null,
    workerId,
    faults = NO_FAULTS,
    onRefused = console.error,
  }: PeerServerOptions): Promise<PeerServer> {
    const server = new PeerServer(token, identity, workerId, faults);
    const authority = `${host.includes(':') ? `[${host}]` : host}`;
    const options = { host, port, identity, callers: 'worker', onRefused } as const;
    server.#listening = await listenAs(server.#server, options).catch((cause: Error) => {
      throw cannotListen(`${authority}:${port}`, workerId, cause);
    });
    server.#address = `${authority}:${server.#listening.port}`;
    return server;
  }

  /** host:port that it listens on. */
  get address(): string {
    return this.#address;
  }

  /** Takes its place in a generation; the one before, if any, ends. Errors: `peer-refused` for an earlier one. */
  join(generation: Generation, rank: number, members: readonly Member[]): Seats {
    const current = this.#seats;
    if (current && compareGenerations(generation, current.generation) <= 0)
      throw staleGeneration(generation, current.generation);
    current?.close(`it joined ${nameOfGeneration(generation)}`);
    this.#offer = null;
    this.#seats = new Seats(generation, rank, members, this.faults);
    for (const caller of [...this.#waiting]) this.#place(caller);
    return this.#seats;
  }

  /** From now on members of the offer's generation may pull this state; null withdraws it. */
  offer(offer: StateOffer | null): void {
    this.#offer = offer;
  }

  /** Ends all streams in good order and stops listening. */
  async close(): Promise<void> {
    this.#listening?.close();
    this.#seats?.close('its process ends');
    for (const { call } of this.#waiting) call.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    const inOrder = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    await Promise.race([inOrder, late]);
    clearTimeout(timer);
    this.#server.forceShutdown();
  }

  #answer(call: FrameStream, admit: (caller: Caller) => void): void {
    const given = call.metadata.get('authorization')[0];
    if (!timingSafeEqual(digestOf(String(given)), this.#tokenDigest)) {
      call.emit('error', { code: status.UNAUTHENTICATED, details: "the run's token is wrong or missing" });
      return;
    }
    try {
      const frame = readFrame(call.request, 'the caller');
      const { header } = frame;
      if (header.kind !== FRAME_KINDS.open)
        throw new BagfleetError('peer-incompatible', 'a stream begins with an open frame');
      if (this.faults.drops('peer.open')) return;
      admit({ call, header, id: idIn(frame) });
    } catch (error) {
      call.emit('error', refusalStatus(BagfleetError.from(error)));
    }
  }

  /** Seats a caller, refuses it, or lets it wait. */
  #place(caller: Caller): void {
    const asked = { coordinator: caller.header.coordinator, number: caller.header.generation };
    const seats = this.#seats;
    if (!seats || compareGenerations(asked, seats.generation) > 0) {
      this.#park(caller);
      return;
    }
    this.#waiting.delete(caller);
    try {
      if (compareGenerations(asked, seats.generation) < 0) throw staleGeneration(asked, seats.generation);
      seats.take(caller.header.sender, caller.id, caller.call);
    } catch (error) {
      caller.call.emit('error', refusalStatus(BagfleetError.from(error)));
    }
  }

  /** A member asks for the state of this worker; it does so only once it knows that there is an offer. */
  #donate({ call, header }: Caller): void {
    const offer = this.#offer;
    const asked = { coordinator: header.coordinator, number: header.generation };
    if (!offer || compareGenerations(asked, offer.generation) !== 0)
      throw new BagfleetError('peer-refused', `no state is offered in ${nameOfGeneration(asked)}`);
    streamOffer(call, offer, () => this.#offer, this.faults).catch((error: unknown) =>
      call.emit('error', refusalStatus(BagfleetError.from(error))),
    );
  }

  #park(caller: Caller): void {
    if (this.#waiting.has(caller)) return;
    if (this.#waiting.size >= MOST_WAITING)
      throw new BagfleetError('peer-refused', `${MOST_WAITING} callers wait for a later generation already`);
    this.#waiting.add(caller);
    caller.call.once('cancelled', () => this.#waiting.delete(caller));
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function staleGeneration(asked: Generation, current: Generation): BagfleetError {
  return new BagfleetError(
    'peer-refused',
    `${nameOfGeneration(asked)} is over, ${nameOfGeneration(current)} has begun`,
  );
}

function cannotListen(address: string, workerId: string, cause: Error): BagfleetError {
  return new BagfleetError('port-in-use', `cannot listen on ${address}: ${cause.message}`, {
    culprit: `worker ${workerId}`,
    hint: 'Choose another port, or 0 for any free one.',
    cause,
  });
}
