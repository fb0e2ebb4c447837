/**
 * One stream to one coordinator, from its opening to its end.
 * In: an address, the run's token, who we are. Out: what it says, and once why it ended; `isFinal` if trying again is useless.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BagfleetError } from '@bagfleet/proto';
import type { SessionRequest, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { channelTo } from '@bagfleet/proto/grpc/channel-to';
import {
  CoordinatorClient,
  openSession,
  type SessionStream,
  sessionRequest,
} from '@bagfleet/proto/grpc/coordinator-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { whyUntrusted } from '@bagfleet/proto/grpc/who-answers';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';

const CLOSE_MS = 2000;
/** A coordinator that is stopped keeps its sockets: only an answer to a ping shows that it lives. */
const CHANNEL = {
  'grpc.keepalive_time_ms': 2000,
  'grpc.keepalive_timeout_ms': 3000,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
};
/** How gRPC begins when TCP or TLS did not come about. */
const NEVER_CONNECTED = 'No connection established';

export interface StreamEvents {
  readonly onResponse: (response: SessionResponse) => void;
  readonly onEnd: (error: BagfleetError, isFinal: boolean) => void;
}

export class SessionStreamHolder {
  readonly #client: InstanceType<typeof CoordinatorClient>;
  readonly #stream: SessionStream;
  readonly #events: StreamEvents;
  #ended = false;
  /** It has broken, and why is still being looked into. */
  #isBroken = false;

  constructor(address: string, token: string, identity: RunIdentity | null, events: StreamEvents) {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    this.#events = events;
    const channel = channelTo('coordinator', identity);
    this.#client = new CoordinatorClient(address, channel.credentials, { ...CHANNEL, ...channel.options });
    this.#stream = openSession(this.#client, metadata);
    this.#stream.on('data', events.onResponse);
    this.#stream.on('error', (error: ServiceError) => void this.#failed(error, address, identity));
    this.#stream.on('end', () => {
      if (!this.#isBroken) this.#end(broken('it closed the session'), false);
    });
  }

  say(message: SessionRequest['message']): void {
    if (!this.#ended && !this.#isBroken) this.#stream.write(sessionRequest(message));
  }

  /** Sends what was said, then ends in good order; the coordinator answers with its own end, if it is there. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#isBroken) await this.#endInOrder();
    this.#client.close();
  }

  /** Breaks it off; `onEnd` follows, if the stream had not ended before. */
  abandon(): void {
    this.#end(broken('it was broken off'), false);
  }

  async #endInOrder(): Promise<void> {
    this.#stream.end();
    await Promise.race([once(this.#stream, 'end'), delay(CLOSE_MS, undefined, { ref: false })]).catch(
      () => undefined,
    );
  }

  /** A stranger at the coordinator's address is no reason to give up: the coordinator may be elsewhere by now. */
  async #failed(error: ServiceError, address: string, identity: RunIdentity | null): Promise<void> {
    const details = error.details || error.message;
    this.#isBroken = true;
    if (error.code === status.UNAUTHENTICATED) return this.#end(refusedUs(details), true);
    const isOpen = !this.#ended && details.startsWith(NEVER_CONNECTED);
    const why = identity && isOpen ? await whyUntrusted(address, 'coordinator', identity) : null;
    this.#end(why === null ? broken(details) : untrusted(address, why), false);
  }

  #end(error: BagfleetError, isFinal: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.on('error', () => undefined); // the cancelled call says so once more
    this.#stream.cancel();
    this.#client.close();
    this.#events.onEnd(error, isFinal);
  }
}

function broken(why: string): BagfleetError {
  return new BagfleetError('worker-lost', `the session broke: ${why}`, { culprit: 'the coordinator' });
}

function refusedUs(why: string): BagfleetError {
  return new BagfleetError('peer-refused', `turned this worker away: ${why}`, {
    culprit: 'the coordinator',
    hint: 'Only workers that the run itself has started are let in, with the token and certificate that it gave them.',
  });
}

function untrusted(address: string, why: string): BagfleetError {
  return new BagfleetError('peer-refused', `who answers at ${address} is not trusted: ${why}`, {
    culprit: 'the coordinator',
  });
}
