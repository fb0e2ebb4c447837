/**
 * The coordinator's sessions over real gRPC: who is let in, and who is refused by name.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionServer } from '@bagfleet/orchestrator/coordinator/session-server';
import { type BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import {
  JoinSchema,
  type SessionRequest,
  type SessionResponse,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { CoordinatorClient, openSession, sessionRequest } from '@bagfleet/proto/grpc/coordinator-service';
import { fromFailure } from '@bagfleet/proto/grpc/failure-message';
import { SessionClient } from '@bagfleet/worker/session/session-client';
import { create } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';

const TOKEN = 'the-token-of-this-run';

describe("the coordinator's sessions", () => {
  let server: SessionServer;
  let heard: { worker: string; what: string }[];
  const clients: { close(): void }[] = [];

  beforeEach(async () => {
    heard = [];
    server = await SessionServer.listen('127.0.0.1', 0, TOKEN, {
      onMessage: (worker, message) => heard.push({ worker, what: message.case ?? 'nothing' }),
      onClosed: (worker) => heard.push({ worker, what: 'closed' }),
    });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    server.close();
  });

  function join(worker: string): SessionRequest {
    return sessionRequest({ case: 'join', value: create(JoinSchema, { workerId: worker }) });
  }

  /** Opens a raw session, says one thing, resolves with what came back. */
  function ask(request: SessionRequest, token = TOKEN): Promise<SessionResponse | Error> {
    const client = new CoordinatorClient(server.address, credentials.createInsecure());
    clients.push(client);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const stream = openSession(client, metadata);
    return new Promise((resolve) => {
      stream.on('data', resolve);
      stream.on('error', resolve);
      stream.write(request);
    });
  }

  it('lets a worker in, and tells when it leaves', async () => {
    const client = new SessionClient(server.address, TOKEN);
    client.say({ case: 'join', value: create(JoinSchema, { workerId: 'w0' }) });
    await until(() => heard.length === 1);
    server.say('w0', { case: 'stop', value: { reason: 'enough' } as never });
    const [reason] = await new Promise<[string]>((resolve) =>
      client.once('stop', (...words) => resolve(words)),
    );
    assert.equal(reason, 'enough');
    await client.close();
    await until(() => heard.length === 2);
    assert.deepEqual(heard, [
      { worker: 'w0', what: 'join' },
      { worker: 'w0', what: 'closed' },
    ]);
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

  it('refuses a second worker of the same name, and keeps the first', async () => {
    const first = new SessionClient(server.address, TOKEN);
    first.say({ case: 'join', value: create(JoinSchema, { workerId: 'w0' }) });
    await until(() => heard.length === 1);
    const error = refusalOf((await ask(join('w0'))) as SessionResponse);
    assert.equal(error.code, 'peer-refused');
    assert.deepEqual(heard, [{ worker: 'w0', what: 'join' }]);
    await first.close();
  });

  it('tells the worker that its coordinator is gone', async () => {
    const client = new SessionClient(server.address, TOKEN);
    client.say({ case: 'join', value: create(JoinSchema, { workerId: 'w0' }) });
    await until(() => heard.length === 1);
    const lost = new Promise<BagfleetError>((resolve) => client.once('lost', resolve));
    server.close();
    const error = await lost;
    assert.equal(error.culprit, 'the coordinator');
    await client.close();
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
    const second = SessionServer.listen('127.0.0.1', port, TOKEN, {
      onMessage: () => {},
      onClosed: () => {},
    });
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
