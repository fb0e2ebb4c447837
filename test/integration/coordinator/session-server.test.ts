/**
 * The coordinator's sessions over real gRPC: who is let in, and who is refused by name.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionServer } from '@bagfleet/orchestrator/coordinator/session-server';
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import {
  HeartbeatSchema,
  type Join,
  JoinSchema,
  KeepSchema,
  type SessionRequest,
  type SessionResponse,
  StopSchema,
  WelcomeSchema,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import {
  CoordinatorClient,
  openSession,
  type SessionStream,
  sessionRequest,
} from '@bagfleet/proto/grpc/coordinator-service';
import { fromFailure } from '@bagfleet/proto/grpc/failure-message';
import { create } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';

const TOKEN = 'the-token-of-this-run';
const WELCOME = { case: 'welcome' as const, value: create(WelcomeSchema, { runId: 'r' }) };
const HEARTBEAT = sessionRequest({
  case: 'heartbeat',
  value: create(HeartbeatSchema, { phase: 'training' }),
});

describe("the coordinator's sessions", () => {
  let server: SessionServer;
  let heard: { worker: string; what: string }[];
  const clients: { close(): void }[] = [];

  beforeEach(async () => {
    heard = [];
    const events = {
      incarnationOf: (_: string, told: string) => told,
      onJoin: ({ workerId, incarnation }: Join) =>
        heard.push({ worker: workerId, what: `join ${incarnation}` }),
      onMessage: (worker: string, message: { case: string | undefined }) =>
        heard.push({ worker, what: message.case ?? 'nothing' }),
      onClosed: (worker: string) => heard.push({ worker, what: 'closed' }),
      onRefused: (words: string) => heard.push({ worker: 'a stranger', what: words }),
    };
    server = await SessionServer.listen('127.0.0.1', 0, TOKEN, events, null);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    server.close();
  });

  function join(worker: string, incarnation = '1.1'): SessionRequest {
    return sessionRequest({
      case: 'join',
      value: create(JoinSchema, { workerId: worker, incarnation, pid: 7 }),
    });
  }

  /** Opens a raw session. */
  function open(token = TOKEN): {
    stream: SessionStream;
    answers: (SessionResponse | Error)[];
    ended: () => boolean;
  } {
    const client = new CoordinatorClient(server.address, credentials.createInsecure());
    clients.push(client);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const stream = openSession(client, metadata);
    const answers: (SessionResponse | Error)[] = [];
    let ended = false;
    stream.on('data', (answer: SessionResponse) => answers.push(answer));
    stream.on('error', (error) => answers.push(error));
    stream.on('end', () => {
      ended = true;
    });
    return { stream, answers, ended: () => ended };
  }

  /** Opens a session, says one thing, resolves with what came back. */
  async function ask(request: SessionRequest, token = TOKEN): Promise<SessionResponse | Error> {
    const { stream, answers } = open(token);
    stream.write(request);
    await until(() => answers.length > 0);
    return answers[0];
  }

  /** A worker that was welcomed. */
  async function enter(worker: string, incarnation = '1.1') {
    const session = open();
    session.stream.write(join(worker, incarnation));
    await until(() =>
      heard.some(({ worker: who, what }) => who === worker && what === `join ${incarnation}`),
    );
    assert.equal(server.welcome(worker, incarnation, WELCOME), 7);
    heard = [];
    return session;
  }

  it('lets a worker in, answers it, and tells when it leaves', async () => {
    const { stream, answers, ended } = await enter('w0');
    server.say('w0', { case: 'stop', value: create(StopSchema, { reason: 'enough' }) });
    await until(() => answers.length === 2);
    assert.deepEqual(
      answers.map((answer) => (answer as SessionResponse).message.case),
      ['welcome', 'stop'],
    );
    stream.end();
    await until(() => heard.length === 1 && ended());
    assert.deepEqual(heard, [{ worker: 'w0', what: 'closed' }]);
  });

  it('hears what a worker said before it was welcomed, after it was', async () => {
    const { stream } = open();
    stream.write(join('w0'));
    stream.write(HEARTBEAT);
    await until(() => heard.length === 1);
    await sleep(50);
    assert.deepEqual(heard, [{ worker: 'w0', what: 'join 1.1' }]);
    server.welcome('w0', '1.1', WELCOME);
    await until(() => heard.length === 2);
    assert.deepEqual(heard[1], { worker: 'w0', what: 'heartbeat' });
  });

  it('is not disturbed by an earlier launch of a worker that is here', async () => {
    const current = await enter('w0', '2.1');
    const stale = open();
    stale.stream.write(join('w0', '1.1'));
    stale.stream.write(HEARTBEAT);
    await until(() => heard.length === 1);
    server.refuse('w0', '1.1', new BagfleetError('peer-refused', 'is stale'));
    await until(() => stale.answers.length === 1 && stale.ended());
    assert.equal(refusalOf(stale.answers[0] as SessionResponse).message, 'is stale');
    current.stream.write(HEARTBEAT);
    await until(() => heard.length === 2);
    assert.deepEqual(
      heard.map(({ what }) => what),
      ['join 1.1', 'heartbeat'],
    );
    assert.ok(!current.ended());
  });

  it('drops an earlier launch when a later one is welcomed, without a word of its end', async () => {
    const earlier = await enter('w0', '1.1');
    const later = await enter('w0', '1.2');
    await until(() => earlier.ended());
    server.sayToAll({ case: 'keep', value: create(KeepSchema) });
    await until(() => later.answers.length === 2);
    assert.equal(earlier.answers.length, 1);
    assert.deepEqual(heard, []);
  });

  it('drops a killed worker, without a word of its end', async () => {
    const { stream, ended } = await enter('w0');
    server.drop('w0');
    await until(() => ended());
    stream.end();
    await sleep(50);
    assert.deepEqual(heard, []);
  });

  it('tells the end of a worker that has left before it was welcomed', async () => {
    const { stream, ended } = open();
    stream.write(join('w0'));
    await until(() => heard.length === 1);
    stream.end();
    await until(() => ended());
    assert.equal(server.welcome('w0', '1.1', WELCOME), null);
    await until(() => heard.length === 2);
    assert.deepEqual(heard[1], { worker: 'w0', what: 'closed' });
  });

  it('refuses another token', async () => {
    const answer = await ask(join('w0'), 'a-guess');
    assert.match(String(answer), /token is wrong or missing/);
    assert.deepEqual(heard, []);
  });

  it('refuses a worker of another schema version by name, before it hears a word of it', async () => {
    const answer = (await ask({ ...join('w3'), schemaVersion: SCHEMA_VERSION + 1 })) as SessionResponse;
    const error = refusalOf(answer);
    assert.equal(error.code, 'peer-incompatible');
    assert.equal(error.culprit, 'worker w3');
    assert.match(
      error.message,
      new RegExp(`schema version ${SCHEMA_VERSION + 1}, this coordinator ${SCHEMA_VERSION}`),
    );
    assert.deepEqual(heard, []);
  });

  it('refuses a second session of the same launch, and keeps the first', async () => {
    const first = await enter('w0');
    const error = refusalOf((await ask(join('w0'))) as SessionResponse);
    assert.equal(error.code, 'peer-refused');
    first.stream.write(HEARTBEAT);
    await until(() => heard.length === 1);
    assert.deepEqual(heard, [{ worker: 'w0', what: 'heartbeat' }]);
  });

  it('listens on loopback only', async () => {
    const port = Number(server.address.split(':')[1]);
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((face) => face && !face.internal && face.family === 'IPv4');
    for (const face of others) await assert.rejects(connectTo(face?.address ?? '', port));
    await connectTo('127.0.0.1', port);
  });

  it('names the job field when the port is taken', async () => {
    const port = Number(server.address.split(':')[1]);
    const deaf = {
      incarnationOf: () => '',
      onJoin: () => {},
      onMessage: () => {},
      onClosed: () => {},
      onRefused: () => {},
    };
    const second = SessionServer.listen('127.0.0.1', port, TOKEN, deaf, null);
    await assert.rejects(second, { code: 'port-in-use', culprit: 'job field fleet.port' });
  });
});

function refusalOf({ message }: SessionResponse): BagfleetError {
  assert.equal(message.case, 'refused');
  return fromFailure(message.value as never);
}

function connectTo(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 2000 }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
    socket.once('timeout', () => reject(new Error('timeout')));
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(10);
  }
}
