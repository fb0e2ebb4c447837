/**
 * The collective over gRPC streams between all members of one generation.
 * In: connected links (what members send us) and outboxes (what we send them). Out: the Collective port.
 * Calls are numbered in the order in which they are made; frames carry the number. Exchanges may overlap
 * anything, sums run one after another.
 */
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame, HEADER_BYTES } from '@bagfleet/proto/grpc/peer-frame';
import { MAX_FRAME_BYTES } from '@bagfleet/proto/grpc/peer-service';
import type { Faults } from '../faults/faults.js';
import type { Collective, CollectiveCounters, StepKey } from './collective.js';
import { Departures } from './departures.js';
import { ExchangeRound } from './exchange-round.js';
import { type Generation, type Member, nameOfGeneration, nameOfMember } from './generation.js';
import { Inbox, type Position } from './inbox.js';
import type { Outbox } from './outbox.js';
import type { PeerLink } from './peer-link.js';
import type { Parcel, Round } from './round.js';
import { type RoundSetting, RunningRound } from './running-round.js';
import { SumRound } from './sum-round.js';

export interface ConnectedGroup {
  readonly generation: Generation;
  readonly rank: number;
  readonly members: readonly Member[];
  readonly deadlineMs: number;
  /** By rank, without one's own. */
  readonly links: ReadonlyMap<number, PeerLink>;
  readonly outboxes: ReadonlyMap<number, Outbox>;
  readonly faults: Faults;
  /** Called once when the collective is closed. */
  readonly onClose: (reason: string) => void;
}

export class StreamCollective implements Collective {
  readonly rank: number;
  readonly size: number;
  readonly #inbox: Inbox;
  readonly #setting: Omit<RoundSetting, 'send'>;
  readonly #open = new Set<RunningRound>();
  readonly #counters = { gradientSent: 0, gradientReceived: 0, smallSent: 0, smallReceived: 0, waitMs: 0 };
  readonly #departures: Departures;
  readonly #unfollow: () => void;
  #calls = 0;
  #lastSum: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #closed = false;

  constructor(readonly group: ConnectedGroup) {
    const { rank, members, deadlineMs, links, outboxes } = group;
    this.rank = rank;
    this.size = members.length;
    this.#inbox = new Inbox(
      (from) => links.get(from) as PeerLink,
      (from) => nameOfMember(members, from),
    );
    this.#setting = {
      members,
      rank,
      deadlineMs,
      lossOf: (peer) => links.get(peer)?.loss ?? outboxes.get(peer)?.loss ?? null,
    };
    for (const [from, link] of links)
      link.flow(
        (frame) => this.#receive(from, frame),
        (error) => this.#onLoss(from, 'from', error),
      );
    for (const [to, outbox] of outboxes) outbox.onLoss = (error) => this.#onLoss(to, 'to', error);
    this.#departures = new Departures(members, outboxes, group.faults);
    this.#unfollow = group.faults.onCut((peer) => this.#cut(peer));
  }

  async exchange(key: StepKey, label: string, mine: Uint8Array, deadlineMs?: number): Promise<Uint8Array[]> {
    if (mine.byteLength > MAX_FRAME_BYTES - HEADER_BYTES)
      throw new BagfleetError(
        'bug',
        `exchange '${label}' of ${mine.byteLength} bytes: at most 16 MiB fit a frame`,
      );
    const round = new ExchangeRound(this.rank, this.size, mine);
    await this.#run(key, `exchange '${label}'`, round, deadlineMs).done;
    return round.messages();
  }

  async allReduceInt32(key: StepKey, data: Int32Array): Promise<void> {
    await this.#runAfterSums(key, 'exact sum', SumRound.ofInt32(this.rank, this.size, data));
  }

  async allReduceFloat32(key: StepKey, data: Float32Array): Promise<void> {
    await this.#runAfterSums(key, 'float sum', SumRound.ofFloat32(this.rank, this.size, data));
  }

  counters(): CollectiveCounters {
    return {
      gradientBytesSent: this.#counters.gradientSent,
      gradientBytesReceived: this.#counters.gradientReceived,
      smallBytesSent: this.#counters.smallSent,
      smallBytesReceived: this.#counters.smallReceived,
      waitMs: this.#counters.waitMs,
    };
  }

  close(reason?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unfollow();
    const { links, outboxes, generation, onClose } = this.group;
    const why = reason?.message ?? 'it is done';
    this.#fail(reason ?? new BagfleetError('cancelled', `this worker left ${nameOfGeneration(generation)}`));
    for (const outbox of outboxes.values()) outbox.end(why);
    for (const link of links.values()) link.close();
    onClose(why);
  }

  #run(key: StepKey, phase: string, round: Round, deadlineMs?: number): RunningRound {
    const { operation, running } = this.#register(key, phase, round, deadlineMs);
    this.#begin(operation, running);
    return running;
  }

  /** The call takes its number now and its turn when the sum before it is over. */
  async #runAfterSums(key: StepKey, phase: string, round: Round): Promise<void> {
    const { operation, running } = this.#register(key, phase, round);
    const before = this.#lastSum;
    this.#lastSum = running.done.catch(() => undefined);
    await before;
    this.#begin(operation, running);
    await running.done;
  }

  #register(
    key: StepKey,
    phase: string,
    round: Round,
    deadlineMs = this.group.deadlineMs,
  ): { operation: number; running: RunningRound } {
    const operation = this.#calls++;
    const position = { epoch: key.epoch, step: key.step, label: labelOf(phase) };
    const running = new RunningRound(round, `${phase} of epoch ${key.epoch} step ${key.step}`, {
      ...this.#setting,
      deadlineMs,
      send: (parcel, sent) => this.#send(operation, position, round.entries, parcel, sent),
    });
    this.#open.add(running);
    this.#inbox.expect(operation, running, position);
    running.done.then(
      () => this.#settled(operation, running),
      (error: Error) => {
        this.#settled(operation, running);
        this.#fail(error);
      },
    );
    return { operation, running };
  }

  #begin(operation: number, running: RunningRound): void {
    if (this.#failure) running.fail(this.#failure);
    running.begin();
    this.#inbox.begun(operation);
  }

  #settled(operation: number, running: RunningRound): void {
    this.#open.delete(running);
    this.#inbox.forget(operation);
    this.#counters.waitMs += running.waitedMs;
  }

  #send(operation: number, position: Position, entries: number, parcel: Parcel, sent: () => void): void {
    const { generation, rank } = this.group;
    const frame: Frame = {
      header: {
        version: SCHEMA_VERSION,
        kind: parcel.kind,
        sender: rank,
        coordinator: generation.coordinator,
        generation: generation.number,
        operation,
        epoch: position.epoch,
        step: position.step,
        entries,
        segment: parcel.segment,
        label: position.label,
      },
      payload: parcel.payload,
    };
    const gone = () => {
      this.#counters[parcel.kind === FRAME_KINDS.exchange ? 'smallSent' : 'gradientSent'] +=
        parcel.payload.byteLength;
      sent();
    };
    this.#departures.push(parcel.to, frame, gone);
  }

  /** A fault breaks the connection to this member, in both directions. */
  #cut(peer: string): void {
    const rank = this.group.members.findIndex(({ id }) => id === peer);
    this.group.links.get(rank)?.sever();
    this.group.outboxes.get(rank)?.sever();
  }

  #receive(from: number, frame: Frame): void {
    const small = frame.header.kind === FRAME_KINDS.exchange;
    this.#counters[small ? 'smallReceived' : 'gradientReceived'] += frame.payload.byteLength;
    try {
      this.#inbox.deliver(from, frame);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #onLoss(rank: number, direction: 'from' | 'to', error: BagfleetError): void {
    for (const running of [...this.#open]) running.onLoss(rank, direction, error);
  }

  /** After a failure members no longer agree on what was called: nothing can go on. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const running of [...this.#open]) running.fail(this.#failure);
  }
}

/** FNV-1a of a phase's name: members compare what they call, not only how many calls they made. */
function labelOf(phase: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(phase)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
