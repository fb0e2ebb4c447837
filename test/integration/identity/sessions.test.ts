/**
 * Who gets a session with the coordinator over mutual TLS: a worker of this run, nobody else. Who does not is told
 * why, and so is the coordinator; the rightful ones are not disturbed. The workers' own client on real sockets.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { SessionServer } from '@bagfleet/orchestrator/coordinator/session-server';
import { type Join, JoinSchema, WelcomeSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { SessionClient } from '@bagfleet/worker/session/session-client';
import { SessionStreamHolder } from '@bagfleet/worker/session/session-stream';
import { create } from '@bufbuild/protobuf';
import { endOfBlindCall } from '../../support/blind-caller.js';
import { RUN, testIdentities, trusting } from '../../support/test-identities.js';

const TOKEN = 'the-token-of-this-run';

describe('sessions over mutual TLS', () => {
  let identities: Awaited<ReturnType<typeof testIdentities>>;
  let server: SessionServer;
  let refused: string[];
  let gone: string[];
  const clients: SessionClient[] = [];

  beforeEach(async () => {
    identities = await testIdentities();
    refused = [];
    gone = [];
    const events = {
      incarnationOf: (_: string, told: string) => told,
      onJoin: ({ workerId, incarnation }: Join) =>
        void server.welcome(workerId, incarnation, {
          case: 'welcome',
          value: create(WelcomeSchema, { lease: 1 }),
        }),
      onMessage: () => {},
      onClosed: (worker: string) => gone.push(worker),
      onRefused: (words: string) => refused.push(words),
    };
    server = await SessionServer.listen('127.0.0.1', 0, TOKEN, events, identities.ours.coordinator);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    server.close();
  });

  function worker(name: string, identity: RunIdentity | null): SessionClient {
    const { address } = server;
    const client = new SessionClient({
      address,
      token: TOKEN,
      identity,
      find: async () => ({ address, lease: 1 }),
      join: () => create(JoinSchema, { workerId: name, incarnation: '1.1', pid: 7 }),
    });
    clients.push(client);
    client.open();
    return client;
  }

  async function enter(name: string, identity: RunIdentity | null): Promise<void> {
    await once(worker(name, identity), 'welcome', { signal: AbortSignal.timeout(5000) });
  }

  /** What a worker that is turned away for good says at its end. */
  async function lossOf(identity: RunIdentity | null) {
    const [error] = await once(worker('w9', identity), 'lost', { signal: AbortSignal.timeout(5000) });
    return error;
  }

  it('lets workers of the run in, and reports nothing', async () => {
    await Promise.all([enter('w0', identities.ours.worker), enter('w1', identities.ours.worker)]);
    assert.deepEqual(refused, []);
  });

  it('turns a worker without TLS away, for good, and says why on both sides', async () => {
    const error = await lossOf(null);
    assert.equal(error.code, 'peer-refused');
    assert.match(
      error.describe(),
      /^the coordinator: turned this worker away: .*showed no certificate\n {2}Only/,
    );
    assert.equal(refused.length, 1);
    assert.match(refused[0], /^a connection from 127\.0\.0\.1:\d+ was refused: .*without TLS/);
  });

  const cases: [string, (all: typeof identities) => RunIdentity, RegExp][] = [
    ['an expired certificate', ({ expired }) => expired.worker, /its certificate expired on \d{4}-/],
    [
      'a certificate that is not valid yet',
      ({ early }) => early.worker,
      /its certificate is valid from \d{4}-/,
    ],
    [
      "another run's certificate",
      ({ others, ours }) => trusting(others.worker, ours),
      /another authority, which calls itself that of run another-run/,
    ],
    [
      "a certificate of an authority that borrows the run's name",
      ({ forged, ours }) => trusting(forged.worker, ours),
      new RegExp(`another authority, which calls itself that of run ${RUN}`),
    ],
    [
      "the coordinator's certificate",
      ({ ours }) => ours.coordinator,
      /its certificate is that of a coordinator, not of a worker/,
    ],
  ];
  for (const [what, of, words] of cases)
    it(`turns away ${what}, says why on both sides, and leaves the others alone`, async () => {
      await enter('w0', identities.ours.worker);
      // Such a one would not trust us either, if it looked: the server must not rely on that.
      const end = await endOfBlindCall(server.address, TOKEN, of(identities));
      assert.match(end, words);
      assert.equal(refused.length, 1);
      assert.match(refused[0], words);
      await enter('w1', identities.ours.worker);
      assert.deepEqual(gone, []);
    });

  it('turns away a certificate of the same authority that names another run', async () => {
    const end = await endOfBlindCall(server.address, TOKEN, identities.strayed.worker);
    assert.match(end, /its certificate is of another run, another-run/);
    assert.match(refused[0], /its certificate is of another run, another-run/);
  });

  it('turns away who speaks TLS but shows no certificate', async () => {
    assert.match(await endOfBlindCall(server.address, TOKEN, null), /it showed no certificate/);
    assert.match(refused[0], /was refused: it showed no certificate$/);
  });

  it('still wants the token from who has a certificate', async () => {
    const { address } = server;
    const error = await new Promise<Error>((resolve) => {
      new SessionStreamHolder(address, 'a-guess', identities.ours.worker, {
        onResponse: () => {},
        onEnd: resolve,
      });
    });
    assert.match(error.message, /token is wrong or missing/);
  });

  it('reports the same attempt once, however often it comes', async () => {
    for (let time = 0; time < 5; time++)
      await endOfBlindCall(server.address, TOKEN, identities.expired.worker);
    assert.equal(refused.length, 1);
  });

  it('lets nobody resume an earlier connection, so each shows a certificate that is valid now', async () => {
    const { key, certificate: cert } = identities.ours.worker;
    const port = Number(server.address.split(':')[1]);
    const options = { port, host: '127.0.0.1', key, cert, ALPNProtocols: ['h2'], rejectUnauthorized: false };
    const tickets: Buffer[] = [];
    const first = connectTls(options);
    first.on('error', () => undefined); // the server ends it when it likes
    first.on('session', (ticket) => tickets.push(ticket));
    await once(first, 'secureConnect');
    first.resume();
    await sleep(100);
    const session = tickets.at(-1) ?? first.getSession();
    const second = connectTls({ ...options, ...(session ? { session } : {}) });
    await once(second, 'secureConnect');
    second.on('error', () => undefined);
    assert.equal(second.isSessionReused(), false);
    first.destroy();
    second.destroy();
  });

  it('reports a broken handshake, and neither a probe nor who says nothing', async () => {
    const port = Number(server.address.split(':')[1]);
    const probe = connect({ host: '127.0.0.1', port });
    await once(probe, 'connect');
    probe.destroy();
    const garbled = connect({ host: '127.0.0.1', port });
    garbled.write(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 5]), Buffer.from('hello')]));
    await closed(garbled);
    const old = connectTls({ host: '127.0.0.1', port, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    await closed(old);
    await until(() => refused.length === 2);
    assert.match(
      refused[0],
      /^a connection from .* was refused: its TLS handshake failed: unexpected message$/,
    );
    assert.match(refused[1], /its TLS handshake failed: unsupported protocol$/);
    await enter('w0', identities.ours.worker);
  });
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined); // what it says depends on who is faster
    socket.once('close', () => resolve());
    socket.resume();
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(10);
  }
}
