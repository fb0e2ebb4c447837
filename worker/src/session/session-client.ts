/**
 * The worker's session with the coordinator: one stream for the worker's whole life.
 * In: the coordinator's address and the run's token. Out: the coordinator's words as events,
 * ways to say the worker's own, and a heartbeat that says what the worker is doing.
 */
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import type {
  SessionRequest,
  SessionResponse,
  Start,
  Welcome,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { HeartbeatSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import {
  CoordinatorClient,
  openSession,
  type SessionStream,
  sessionRequest,
} from '@bagfleet/proto/grpc/coordinator-service';
import { fromFailure } from '@bagfleet/proto/grpc/failure-message';
import { create } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';

const CLOSE_MS = 2000;

interface SessionEvents {
  welcome: [Welcome];
  start: [Start];
  /** The coordinator lets the worker go; the reason is for the log. */
  stop: [string];
  /** Refused, or the stream broke: the worker can't go on. */
  lost: [BagfleetError];
}

export class SessionClient extends EventEmitter<SessionEvents> {
  readonly #client: InstanceType<typeof CoordinatorClient>;
  readonly #stream: SessionStream;
  #doing = { phase: 'joining', epoch: 0, step: 0 };
  #heartbeat: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(address: string, token: string) {
    super();
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    this.#client = new CoordinatorClient(address, credentials.createInsecure());
    this.#stream = openSession(this.#client, metadata);
    this.#stream.on('data', (response: SessionResponse) => this.#hear(response));
    this.#stream.on('error', (error) => this.#lose(error.message));
    this.#stream.on('end', () => this.#lose('it closed the session'));
  }

  say(message: SessionRequest['message']): void {
    if (!this.#closed) this.#stream.write(sessionRequest(message));
  }

  /** What heartbeats say from now on; a new phase is said at once, so that a death right after it is placed. */
  doing(phase: string, epoch: number, step: number): void {
    const isNew = phase !== this.#doing.phase;
    this.#doing = { phase, epoch, step };
    if (isNew && this.#heartbeat) this.#sayDoing();
  }

  beat(intervalSeconds: number): void {
    this.#heartbeat = setInterval(() => this.#sayDoing(), intervalSeconds * 1000);
  }

  /** Sends what was said, then ends the stream. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#stream.end();
    // The coordinator answers the end of the stream with its own; it may also be gone already.
    await Promise.race([once(this.#stream, 'end'), delay(CLOSE_MS, undefined, { ref: false })]).catch(
      () => undefined,
    );
    this.#client.close();
  }

  #sayDoing(): void {
    this.say({ case: 'heartbeat', value: create(HeartbeatSchema, this.#doing) });
  }

  #hear(response: SessionResponse): void {
    if (response.schemaVersion !== SCHEMA_VERSION) return this.#refuseVersion(response.schemaVersion);
    const { message } = response;
    if (message.case === 'welcome') this.emit('welcome', message.value);
    else if (message.case === 'start') this.emit('start', message.value);
    else if (message.case === 'stop') this.emit('stop', message.value.reason);
    else if (message.case === 'refused') this.#end(fromFailure(message.value));
  }

  #refuseVersion(theirs: number): void {
    this.#end(
      new BagfleetError(
        'peer-incompatible',
        `speaks schema version ${theirs}, this worker ${SCHEMA_VERSION}`,
        {
          culprit: 'the coordinator',
          hint: 'Run coordinator and workers from the same bagfleet version.',
        },
      ),
    );
  }

  #lose(why: string): void {
    this.#end(new BagfleetError('worker-lost', `the session broke: ${why}`, { culprit: 'the coordinator' }));
  }

  #end(error: BagfleetError): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    this.#client.close();
    this.emit('lost', error);
  }
}
