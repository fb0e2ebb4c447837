/**
 * The coordinator's gRPC server: one session stream per worker, on loopback, with the run's token.
 * In: streams. Out: the workers' words as callbacks, and a way to answer each worker.
 */
import { timingSafeEqual } from 'node:crypto';
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import type { SessionRequest, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { coordinatorServiceDefinition, sessionResponse } from '@bagfleet/proto/grpc/coordinator-service';
import { toFailure } from '@bagfleet/proto/grpc/failure-message';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';

type Session = ServerDuplexStream<SessionRequest, SessionResponse>;
type Message = SessionRequest['message'];

export interface SessionEvents {
  readonly onMessage: (worker: string, message: Message) => void;
  readonly onClosed: (worker: string) => void;
}

export class SessionServer {
  readonly address: string;
  readonly #server: Server;
  readonly #sessions: Map<string, Session>;
  readonly #traffic: Traffic;

  private constructor(server: Server, address: string, sessions: Map<string, Session>, traffic: Traffic) {
    this.#server = server;
    this.address = address;
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
  ): Promise<SessionServer> {
    const server = new Server();
    const sessions = new Map<string, Session>();
    const traffic: Traffic = { bytes: 0 };
    server.addService(countingDefinition(traffic), {
      session: (session: Session) => accept(session, token, sessions, events),
    });
    const bound = await bind(server, host, port);
    return new SessionServer(server, `${host}:${bound}`, sessions, traffic);
  }

  say(worker: string, message: SessionResponse['message']): void {
    this.#sessions.get(worker)?.write(sessionResponse(message));
  }

  refuse(worker: string, error: BagfleetError): void {
    this.say(worker, { case: 'refused', value: toFailure(error) });
    this.#sessions.get(worker)?.end();
  }

  close(): void {
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

function accept(
  session: Session,
  token: string,
  sessions: Map<string, Session>,
  events: SessionEvents,
): void {
  if (!bears(session, token)) {
    session.emit('error', { code: status.UNAUTHENTICATED, details: "the run's token is wrong or missing" });
    return;
  }
  let worker: string | null = null;
  const close = () => {
    if (worker === null || sessions.get(worker) !== session) return;
    sessions.delete(worker);
    events.onClosed(worker);
  };
  session.on('data', (request: SessionRequest) => {
    const { message } = request;
    if (request.schemaVersion !== SCHEMA_VERSION) return refuseVersion(session, request);
    if (message.case === 'join') {
      if (sessions.has(message.value.workerId)) return refuseTwin(session, message.value.workerId);
      worker = message.value.workerId;
      sessions.set(worker, session);
    }
    if (worker !== null) events.onMessage(worker, message);
  });
  session.on('end', () => {
    session.end();
    close();
  });
  session.on('cancelled', close);
  session.on('error', close);
}

function refuseVersion(session: Session, { schemaVersion, message }: SessionRequest): void {
  const name = message.case === 'join' ? message.value.workerId : 'of unknown name';
  const error = new BagfleetError(
    'peer-incompatible',
    `speaks schema version ${schemaVersion}, this coordinator ${SCHEMA_VERSION}`,
    { culprit: `worker ${name}`, hint: 'Run coordinator and workers from the same bagfleet version.' },
  );
  session.write(sessionResponse({ case: 'refused', value: toFailure(error) }));
  session.end();
}

function refuseTwin(session: Session, name: string): void {
  const error = new BagfleetError('peer-refused', 'has a session already', { culprit: `worker ${name}` });
  session.write(sessionResponse({ case: 'refused', value: toFailure(error) }));
  session.end();
}

function bears(session: Session, token: string): boolean {
  const given = Buffer.from(String(session.metadata.get('authorization')[0] ?? ''));
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (!error) return resolve(bound);
      reject(
        new BagfleetError('port-in-use', `port ${port} on ${host} can't be listened on: ${error.message}`, {
          culprit: 'job field fleet.port',
          hint: 'Choose another port, or 0 for any free one.',
          cause: error,
        }),
      );
    });
  });
}
