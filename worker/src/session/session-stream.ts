/**
 * One stream to one coordinator, from its opening to its end.
 * In: an address and the run's token. Out: what it says, and once why it ended; `isFinal` if trying again is useless.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BagfleetError } from '@bagfleet/proto';
import type { SessionRequest, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import {
  CoordinatorClient,
  openSession,
  type SessionStream,
  sessionRequest,
} from '@bagfleet/proto/grpc/coordinator-service';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';

const CLOSE_MS = 2000;
/** A coordinator that is stopped keeps its sockets: only an answer to a ping shows that it lives. */
const CHANNEL = {
  'grpc.keepalive_time_ms': 2000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
};

export interface StreamEvents {
  readonly onResponse: (response: SessionResponse) => void;
  readonly onEnd: (error: BagfleetError, isFinal: boolean) => void;
}

export class SessionStreamHolder {
  readonly #client: InstanceType<typeof CoordinatorClient>;
  readonly #stream: SessionStream;
  readonly #events: StreamEvents;
  #ended = false;

  constructor(address: string, token: string, events: StreamEvents) {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    this.#events = events;
    this.#client = new CoordinatorClient(address, credentials.createInsecure(), CHANNEL);
    this.#stream = openSession(this.#client, metadata);
    this.#stream.on('data', events.onResponse);
    this.#stream.on('error', (error: ServiceError) =>
      this.#end(error.details || error.message, error.code === status.UNAUTHENTICATED),
    );
    this.#stream.on('end', () => this.#end('it closed the session', false));
  }

  say(message: SessionRequest['message']): void {
    if (!this.#ended) this.#stream.write(sessionRequest(message));
  }

  /** Sends what was said, then ends in good order; the coordinator answers with its own end, if it is there. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.end();
    await Promise.race([once(this.#stream, 'end'), delay(CLOSE_MS, undefined, { ref: false })]).catch(
      () => undefined,
    );
    this.#client.close();
  }

  /** Breaks it off; `onEnd` follows, if the stream had not ended before. */
  abandon(): void {
    this.#end('it was broken off', false);
  }

  #end(why: string, isFinal: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.on('error', () => undefined); // the cancelled call says so once more
    this.#stream.cancel();
    this.#client.close();
    this.#events.onEnd(
      new BagfleetError('worker-lost', `the session broke: ${why}`, { culprit: 'the coordinator' }),
      isFinal,
    );
  }
}
