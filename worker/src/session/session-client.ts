/**
 * The worker's session with the coordinator, through all coordinators of the run.
 * In: how to find the coordinator, who we are. Out: its words as events, ways to say our own, and a heartbeat.
 *
 * A session that breaks is opened again, with the coordinator that holds the lease by then, until nobody has been
 * found for `orphanMs`. What must not be lost with a session is said again in the next one (`keepSaying`); what
 * only matters now (heartbeats) is not.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import type {
  Join,
  Position,
  SessionRequest,
  SessionResponse,
  Start,
  Welcome,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { HeartbeatSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { fromFailure } from '@bagfleet/proto/grpc/failure-message';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { create } from '@bufbuild/protobuf';
import { type Faults, NO_FAULTS } from '../faults/faults.js';
import { droppable } from './droppable-messages.js';
import type { FoundCoordinator } from './find-coordinator.js';
import { memoryPeak } from './memory-peak.js';
import { SessionStreamHolder } from './session-stream.js';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 1000;
/** Before the job is known. */
const ORPHAN_MS = 60_000;

export interface SessionSetting {
  /** Where the coordinator was when this worker was started; null: only `find` tells. */
  readonly address: string | null;
  readonly token: string;
  readonly identity: RunIdentity | null;
  readonly find: () => Promise<FoundCoordinator | null>;
  /** The first word of each session, as things are then. */
  readonly join: () => Join;
  readonly faults?: Faults;
}

interface SessionEvents {
  welcome: [Welcome];
  start: [Start];
  stored: [Position];
  keep: [];
  fault: [string];
  /** The coordinator lets the worker go; the reason is for the log. */
  stop: [{ readonly reason: string; readonly complete: boolean }];
  /** Refused, or nobody was found for too long: the worker can't go on. */
  lost: [BagfleetError];
}

export class SessionClient extends EventEmitter<SessionEvents> {
  readonly #setting: SessionSetting;
  readonly #faults: Faults;
  readonly #standing = new Map<string, SessionRequest['message']>();
  #stream: SessionStreamHolder | null = null;
  #doing = { phase: 'joining', epoch: 0, step: 0 };
  #heartbeat: NodeJS.Timeout | null = null;
  #orphanMs = ORPHAN_MS;
  #aloneSince: number | null = null;
  #highestLease = 0;
  #closed = false;

  constructor(setting: SessionSetting) {
    super();
    this.#setting = setting;
    this.#faults = setting.faults ?? NO_FAULTS;
  }

  get isConnected(): boolean {
    return this.#stream !== null;
  }

  /** Opens the first session. */
  open(): void {
    this.#aloneSince = performance.now();
    const { address } = this.#setting;
    if (address === null) return void this.#reconnect(notFound());
    this.#connect(address);
    void this.#watchLease(address);
  }

  /** Said to whoever is there now; lost if nobody is. */
  say(message: SessionRequest['message']): void {
    const name = droppable(message);
    if (this.#closed || (name && this.#faults.drops(name))) return;
    this.#stream?.say(message);
  }

  /** Said now, and again at the beginning of each later session, in the order in which the names first came. */
  keepSaying(name: string, message: SessionRequest['message']): void {
    this.#standing.set(name, message);
    this.say(message);
  }

  forget(...names: readonly string[]): void {
    for (const name of names) this.#standing.delete(name);
  }

  /** What heartbeats say from now on; a new phase is said at once, so that a death right after it is placed. */
  doing(phase: string, epoch: number, step: number): void {
    const isNew = phase !== this.#doing.phase;
    this.#doing = { phase, epoch, step };
    if (isNew && this.#heartbeat) this.#sayDoing();
  }

  /** Begins to beat; `orphanSeconds` without a coordinator end the worker. */
  beat(intervalSeconds: number, orphanSeconds: number): void {
    this.#orphanMs = orphanSeconds * 1000;
    this.#heartbeat ??= setInterval(() => this.#sayDoing(), intervalSeconds * 1000);
  }

  /** Sends what was said, then ends the stream. */
  async close(): Promise<void> {
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#closed = true;
    await this.#stream?.end();
    this.#stream = null;
  }

  #connect(address: string): void {
    if (this.#closed) return;
    const { token, identity } = this.#setting;
    const stream = new SessionStreamHolder(address, token, identity, {
      onResponse: (response) => this.#hear(response),
      onEnd: (error, isFinal) => this.#ended(stream, error, isFinal),
    });
    this.#stream = stream;
    this.say({ case: 'join', value: this.#setting.join() });
    for (const message of this.#standing.values()) this.say(message);
  }

  #ended(stream: SessionStreamHolder, error: BagfleetError, isFinal: boolean): void {
    if (this.#closed || this.#stream !== stream) return;
    this.#stream = null;
    if (isFinal) return this.#lose(error);
    this.#aloneSince ??= performance.now();
    void this.#reconnect(error);
  }

  async #reconnect(error: BagfleetError): Promise<void> {
    for (let delay = FIRST_RETRY_MS; !this.#closed; delay = Math.min(LAST_RETRY_MS, delay * 2)) {
      await sleep(delay);
      const alone = performance.now() - (this.#aloneSince ?? performance.now());
      if (alone > this.#orphanMs) return this.#lose(orphaned(alone, error));
      const found = await this.#setting.find();
      if (!found || found.lease < this.#highestLease) continue;
      this.#connect(found.address);
      return this.#watchLease(found.address);
    }
  }

  /**
   * Until this coordinator has answered: a process that is stopped still accepts connections, so the lease is what
   * tells that another one has taken over.
   */
  async #watchLease(address: string): Promise<void> {
    const stream = this.#stream;
    for (;;) {
      await sleep(LAST_RETRY_MS);
      if (this.#closed || this.#stream !== stream || this.#aloneSince === null) return;
      const found = await this.#setting.find();
      if (found && found.address !== address && this.#stream === stream) return stream?.abandon();
    }
  }

  #sayDoing(): void {
    const peakBytes = BigInt(memoryPeak());
    this.say({ case: 'heartbeat', value: create(HeartbeatSchema, { ...this.#doing, peakBytes }) });
  }

  #hear(response: SessionResponse): void {
    if (response.schemaVersion !== SCHEMA_VERSION) return this.#lose(otherVersion(response.schemaVersion));
    const { message } = response;
    const name = droppable(message);
    if (this.#closed || (name && this.#faults.drops(name))) return;
    this.#aloneSince = null;
    if (message.case === 'welcome') this.#welcomed(message.value);
    else if (message.case === 'start') this.emit('start', message.value);
    else if (message.case === 'stored' && message.value.upto) this.emit('stored', message.value.upto);
    else if (message.case === 'keep') this.emit('keep');
    else if (message.case === 'fault') this.emit('fault', message.value.orderJson);
    else if (message.case === 'stop') this.emit('stop', message.value);
    else if (message.case === 'refused') this.#lose(fromFailure(message.value));
  }

  /** A coordinator that slept through the end of its lease is not followed. */
  #welcomed(welcome: Welcome): void {
    if (welcome.lease < this.#highestLease) return this.#stream?.abandon();
    this.#highestLease = welcome.lease;
    this.emit('welcome', welcome);
  }

  #lose(error: BagfleetError): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#stream?.abandon();
    this.#stream = null;
    this.emit('lost', error);
  }
}

function notFound(): BagfleetError {
  return new BagfleetError('worker-lost', 'there is none yet', { culprit: 'the coordinator' });
}

function orphaned(milliseconds: number, last: BagfleetError): BagfleetError {
  const seconds = Math.round(milliseconds / 1000);
  return new BagfleetError('worker-lost', `was not found for ${seconds} s (last: ${last.message})`, {
    culprit: 'the coordinator',
    hint: 'The limit is fleet.orphanTimeout. Go on from the last checkpoint with `bagfleet resume`.',
  });
}

function otherVersion(theirs: number): BagfleetError {
  return new BagfleetError(
    'peer-incompatible',
    `speaks schema version ${theirs}, this worker ${SCHEMA_VERSION}`,
    { culprit: 'the coordinator', hint: 'Run coordinator and workers from the same bagfleet version.' },
  );
}
