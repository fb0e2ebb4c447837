/**
 * Whom a worker takes for its coordinator over mutual TLS: who has a coordinator's certificate of its run, nobody else.
 * It sends a stranger nothing, says why, and goes on looking.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { SessionServer } from '@bagfleet/orchestrator/coordinator/session-server';
import { type Join, JoinSchema, WelcomeSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { SessionClient } from '@bagfleet/worker/session/session-client';
import { SessionStreamHolder } from '@bagfleet/worker/session/session-stream';
import { create } from '@bufbuild/protobuf';
import { testIdentities } from '../../support/test-identities.js';

const TOKEN = 'the-token-of-this-run';

describe('a worker over mutual TLS', () => {
  let identities: Awaited<ReturnType<typeof testIdentities>>;
  const servers: SessionServer[] = [];

  beforeEach(async () => {
    identities = await testIdentities();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Welcomes whoever joins. */
  async function serve(identity: RunIdentity | null): Promise<SessionServer> {
    const events = {
      incarnationOf: (_: string, told: string) => told,
      onJoin: ({ workerId, incarnation }: Join) =>
        void server.welcome(workerId, incarnation, {
          case: 'welcome',
          value: create(WelcomeSchema, { lease: 1 }),
        }),
      onMessage: () => {},
      onClosed: () => {},
      onRefused: () => {},
    };
    const server = await SessionServer.listen('127.0.0.1', 0, TOKEN, events, identity);
    servers.push(server);
    return server;
  }

  /** How one attempt ends, as the worker tells it. */
  function endOfStream(address: string, identity: RunIdentity | null) {
    return new Promise<{ code: string; words: string; isFinal: boolean }>((resolve) => {
      new SessionStreamHolder(address, TOKEN, identity, {
        onResponse: () => {},
        onEnd: (error, isFinal) => resolve({ code: error.code, words: error.describe(), isFinal }),
      });
    });
  }

  it('does not speak to who has a worker’s certificate only, and goes on looking', async () => {
    const fake = await serve(identities.ours.worker);
    const end = await endOfStream(fake.address, identities.ours.worker);
    assert.equal(end.code, 'peer-refused');
    assert.equal(end.isFinal, false);
    assert.match(
      end.words,
      /^the coordinator: who answers at .* is not trusted: .* a worker, not of a coordinator/,
    );
  });

  const strangers: [string, (all: typeof identities) => RunIdentity | null, RegExp][] = [
    ["another run's coordinator", ({ others }) => others.coordinator, /another authority, .*another-run/],
    [
      'one of the same authority for another run',
      ({ strayed }) => strayed.coordinator,
      /another run, another/,
    ],
    ['one whose certificate expired', ({ expired }) => expired.coordinator, /expired on \d{4}-/],
    ['one without TLS', () => null, /does not speak TLS/],
  ];
  for (const [who, of, words] of strangers)
    it(`does not speak to ${who}`, async () => {
      const fake = await serve(of(identities));
      const end = await endOfStream(fake.address, identities.ours.worker);
      assert.equal(fake.bytesCarried, 0);
      assert.match(end.words, words);
      assert.equal(end.isFinal, false);
    });

  it('says plainly when nobody is there', async () => {
    const server = await serve(identities.ours.coordinator);
    const { address } = server;
    server.close();
    const end = await endOfStream(address, identities.ours.worker);
    assert.equal(end.code, 'worker-lost');
    assert.match(end.words, /ECONNREFUSED/);
  });

  it('says at its end that it found strangers only', async () => {
    const { address } = await serve(identities.others.coordinator);
    const client = worker(address, address);
    client.beat(60, 0.4);
    const [error] = await once(client, 'lost', { signal: AbortSignal.timeout(5000) });
    assert.equal(error.code, 'worker-lost');
    assert.match(
      error.message,
      /^was not found for \d+ s \(last: who answers at .* is not trusted: its cert/,
    );
  });

  it('finds its coordinator behind a stranger that has got the address of an earlier one', async () => {
    const stranger = await serve(identities.others.coordinator);
    const { address } = await serve(identities.ours.coordinator);
    const client = worker(stranger.address, address);
    await once(client, 'welcome', { signal: AbortSignal.timeout(5000) });
    await client.close();
  });

  /** Where it looks first, and where the lease says that the coordinator is. */
  function worker(first: string, lease: string): SessionClient {
    const client = new SessionClient({
      address: first,
      token: TOKEN,
      identity: identities.ours.worker,
      find: async () => ({ address: lease, lease: 1 }),
      join: () => create(JoinSchema, { workerId: 'w0', incarnation: '1.1', pid: 7 }),
    });
    client.open();
    return client;
  }
});
