/**
 * The coordinator's gRPC server: session streams of workers, with the run's token, and, beyond one machine, with a
 * certificate of the run. In: streams. Out: the workers' words as callbacks, and a way to answer each worker.
 *
 * A worker id may have several streams: that of an earlier launch, say, which is still on its way out. Only the one
 * that the core has welcomed counts: what others say, and their end, is not heard.
 */
import { timingSafeEqual } from 'node:crypto';
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import type { SessionRequest, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { coordinatorServiceDefinition, sessionResponse } from '@bagfleet/proto/grpc/coordinator-service';
import { toFailure } from '@bagfleet/proto/grpc/failure-message';
import { type Listening, listenAs } from '@bagfleet/proto/grpc/listen-as';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { Server, status } from '@grpc/grpc-js';
import type { Session, SessionStream } from './session.js';
import { SessionBook, type SessionEvents } from './session-book.js';

export class SessionServer {
  readonly address: string;
  readonly #server: Server;
  readonly #listening: Listening;
  readonly #sessions: SessionBook;
  readonly #traffic: Traffic;

  private constructor(
    server: Server,
    listening: Listening,
    host: string,
    sessions: SessionBook,
    traffic: Traffic,
  ) {
    this.#server = server;
    this.#listening = listening;
    this.address = `${host}:${listening.port}`;
    this.#sessions = sessions;
    this.#traffic = traffic;
  }

  /** Message bytes that came and went over all sessions: no gradient is among them, and this shows it. */
  get bytesCarried(): number {
    return this.#traffic.bytes;
  }

  /** Errors: `port-in-use`, naming the job field. */
  static async listen(
    host: string,
    port: number,
    token: string,
    events: SessionEvents,
    identity: RunIdentity | null,
  ): Promise<SessionServer> {
    const server = new Server();
    const sessions = new SessionBook(events);
    const traffic: Traffic = { bytes: 0 };
    server.addService(countingDefinition(traffic), {
      session: (stream: SessionStream) => accept(stream, token, sessions),
    });
    const listening = await listenAs(server, {
      host,
      port,
      identity,
      callers: 'worker',
      onRefused: (words) => events.onRefused(words),
    }).catch((cause: Error) => {
      throw cannotListen(host, port, cause);
    });
    return new SessionServer(server, listening, host, sessions, traffic);
  }

  /**
   * This launch of the worker counts from now on; what it said meanwhile is heard after this call.
   * Gives its process id; null if it has gone meanwhile.
   */
  welcome(worker: string, incarnation: string, answer: SessionResponse['message']): number | null {
    return this.#sessions.welcome(worker, incarnation, answer);
  }

  /** Ends the session of this launch, or, without one, of the launch that was welcomed. */
  refuse(worker: string, incarnation: string | null, error: BagfleetError): void {
    this.#sessions.refuse(worker, incarnation, error);
  }

  say(worker: string, message: SessionResponse['message']): void {
    this.#sessions.welcomed(worker)?.say(message);
  }

  sayToAll(message: SessionResponse['message']): void {
    this.#sessions.sayToAll(message);
  }

  /** Ends the session of a worker that no longer counts, without a word. */
  drop(worker: string): void {
    this.#sessions.drop(worker);
  }

  close(): void {
    this.#listening.close();
    this.#server.forceShutdown();
  }
}

interface Traffic {
  bytes: number;
}

/** The service, with every message's bytes counted. */
function countingDefinition(traffic: Traffic): typeof coordinatorServiceDefinition {
  const { session } = coordinatorServiceDefinition;
  const count = <T extends Uint8Array>(bytes: T): T => {
    traffic.bytes += bytes.length;
    return bytes;
  };
  return {
    session: {
      ...session,
      requestDeserialize: (bytes) => session.requestDeserialize(count(bytes)),
      responseSerialize: (message) => count(session.responseSerialize(message)),
    },
  };
}

function accept(stream: SessionStream, token: string, sessions: SessionBook): void {
  if (!bears(stream, token)) {
    stream.emit('error', { code: status.UNAUTHENTICATED, details: "the run's token is wrong or missing" });
    return;
  }
  let session: Session | null = null;
  const close = () => {
    if (session) sessions.closed(session);
  };
  stream.on('data', (request: SessionRequest) => {
    const { message } = request;
    if (request.schemaVersion !== SCHEMA_VERSION) return refuseVersion(stream, request);
    if (message.case === 'join') session ??= sessions.join(stream, message.value);
    else if (session) sessions.hear(session, message);
  });
  stream.on('end', () => {
    stream.end();
    close();
  });
  stream.on('cancelled', close);
  stream.on('error', close);
}

function refuseVersion(stream: SessionStream, { schemaVersion, message }: SessionRequest): void {
  const name = message.case === 'join' ? message.value.workerId : 'of unknown name';
  const error = new BagfleetError(
    'peer-incompatible',
    `speaks schema version ${schemaVersion}, this coordinator ${SCHEMA_VERSION}`,
    { culprit: `worker ${name}`, hint: 'Run coordinator and workers from the same bagfleet version.' },
  );
  stream.write(sessionResponse({ case: 'refused', value: toFailure(error) }));
  stream.end();
}

function bears(stream: SessionStream, token: string): boolean {
  const given = Buffer.from(String(stream.metadata.get('authorization')[0] ?? ''));
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function cannotListen(host: string, port: number, cause: Error): BagfleetError {
  return new BagfleetError('port-in-use', `port ${port} on ${host} can't be listened on: ${cause.message}`, {
    culprit: 'job field fleet.port',
    hint: 'Choose another port, or 0 for any free one.',
    cause,
  });
}
