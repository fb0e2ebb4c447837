/**
 * Pulls the state of a member that is ahead.
 * In: whom to ask, in which generation, and where its bytes are to lie. Out: bytes and milliseconds, the
 * destination filled. Nothing is checked here but order and size: whoever asked compares digests.
 * Errors: `wait-timeout` when nothing arrives for `deadlineMs`, `worker-lost` when the stream breaks, both naming
 * the member; the signal's reason when it aborts.
 */
import { BagfleetError } from '@bagfleet/proto';
import { FRAME_KINDS, readFrame } from '@bagfleet/proto/grpc/peer-frame';
import { frameToBytes, STATE_PATH, sameBytes } from '@bagfleet/proto/grpc/peer-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { type Client, type ClientReadableStream, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Faults } from '../faults/faults.js';
import { type Generation, type Member, nameOfMember } from './generation.js';
import { greeting } from './greeting.js';
import { refusalOf } from './parting.js';
import { clientTo } from './peer-channel.js';

export interface PullArguments {
  readonly generation: Generation;
  readonly members: readonly Member[];
  readonly own: number;
  /** The member to pull from. */
  readonly from: number;
  readonly token: string;
  readonly identity: RunIdentity | null;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly faults: Faults;
  /** Where the bytes that `head` announces are to lie, in their order. */
  readonly destinationOf: (head: Uint8Array) => readonly Uint8Array[];
}

export interface Pulled {
  readonly head: Uint8Array;
  readonly bytes: number;
  readonly milliseconds: number;
}

export async function pullState(args: PullArguments): Promise<Pulled> {
  const started = performance.now();
  const peer = nameOfMember(args.members, args.from);
  const client = clientTo(args.members[args.from].address, args.identity);
  const call = open(client, args);
  const stop = armed(call, args, peer);
  let fill: Filling | null = null;
  try {
    for await (const message of call) {
      stop.rewind();
      const { header, payload } = readFrame(message as Buffer, peer);
      if (header.kind !== FRAME_KINDS.state) throw unfit(peer, 'sent something else than its state');
      if (fill) fill.take(payload);
      else fill = new Filling(payload, args.destinationOf(payload), peer);
      if (header.segment === 1) await args.faults.at('pull', { epoch: 0, step: 0 });
    }
  } catch (error) {
    throw stop.reason ?? breach(error as ServiceError, peer);
  } finally {
    stop.disarm();
    client.close();
  }
  if (!fill?.isFull)
    throw (
      stop.reason ??
      new BagfleetError('worker-lost', 'ended its state before it was whole', { culprit: peer })
    );
  return { head: fill.head, bytes: fill.bytes, milliseconds: performance.now() - started };
}

function open(
  client: Client,
  { generation, own, members, token }: PullArguments,
): ClientReadableStream<Buffer> {
  const request = greeting('open', own, members[own].id, generation);
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return client.makeServerStreamRequest(STATE_PATH, frameToBytes, sameBytes, request, metadata);
}

/** Ends the call with a reason when the signal aborts or nothing has come for the deadline. */
function armed(call: ClientReadableStream<Buffer>, { signal, deadlineMs }: PullArguments, peer: string) {
  const state = { reason: null as Error | null, rewind: () => {}, disarm: () => {} };
  const end = (reason: Error) => {
    state.reason ??= reason;
    call.cancel();
  };
  const abort = () => end(signal.reason as Error);
  let timer: NodeJS.Timeout;
  state.rewind = () => {
    clearTimeout(timer);
    timer = setTimeout(() => end(tooLate(peer, deadlineMs)), deadlineMs);
  };
  state.disarm = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  };
  state.rewind();
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  return state;
}

/** The destination, filled from its beginning. */
class Filling {
  bytes = 0;
  #buffer = 0;
  #at = 0;

  constructor(
    readonly head: Uint8Array,
    readonly into: readonly Uint8Array[],
    readonly peer: string,
  ) {}

  get isFull(): boolean {
    return this.#buffer === this.into.length;
  }

  take(chunk: Uint8Array): void {
    const target = this.into[this.#buffer];
    if (!target || chunk.byteLength > target.byteLength - this.#at || chunk.byteLength === 0)
      throw unfit(this.peer, 'sent more than it announced');
    target.set(chunk, this.#at);
    this.#at += chunk.byteLength;
    this.bytes += chunk.byteLength;
    if (this.#at < target.byteLength) return;
    this.#buffer++;
    this.#at = 0;
  }
}

function breach(error: ServiceError | BagfleetError, peer: string): BagfleetError {
  if (error instanceof BagfleetError) return error;
  const refusal = error.metadata ? refusalOf(error.metadata) : null;
  const message = refusal
    ? `it refused us its state: ${refusal.message}`
    : `its state broke off: ${error.message}`;
  return new BagfleetError('worker-lost', message, { culprit: peer });
}

function tooLate(peer: string, deadlineMs: number): BagfleetError {
  return new BagfleetError('wait-timeout', `its state: nothing arrived for ${deadlineMs} ms`, {
    culprit: peer,
    hint: 'See whether that worker still runs and can be reached; the limit is fleet.stepTimeout.',
  });
}

function unfit(peer: string, message: string): BagfleetError {
  return new BagfleetError('plan-mismatch', message, { culprit: peer });
}
