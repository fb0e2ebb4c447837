/**
 * Whom workers let in among themselves over mutual TLS: members of this run, in both directions; whoever else comes
 * is told why, the worker's log says it, and a collective that is at work is not disturbed.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PULL_PATH, sameBytes } from '@bagfleet/proto/grpc/peer-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { connectGroup } from '@bagfleet/worker/collective/grpc-collective';
import { PeerServer } from '@bagfleet/worker/collective/peer-server';
import { pullState } from '@bagfleet/worker/collective/peer-state-pull';
import { NO_FAULTS } from '@bagfleet/worker/faults/faults';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { testIdentities } from '../../support/test-identities.js';
import { failureOf } from '../collective/collective-contract.js';

const TOKEN = 'the-token-of-this-run';
const DEADLINE_MS = 5000;
const GENERATION = { coordinator: 0, number: 1 };

describe('peers over mutual TLS', () => {
  let identities: Awaited<ReturnType<typeof testIdentities>>;
  let ours: RunIdentity;
  let refused: string[];
  const servers: PeerServer[] = [];

  beforeEach(async () => {
    identities = await testIdentities();
    ours = identities.ours.worker;
    refused = [];
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function member(workerId: string, identity: RunIdentity | null): Promise<PeerServer> {
    const onRefused = (words: string) => refused.push(words);
    const server = await PeerServer.listen({ token: TOKEN, identity, workerId, onRefused });
    servers.push(server);
    return server;
  }

  function connect(group: readonly PeerServer[], rank: number, deadlineMs = DEADLINE_MS) {
    const members = group.map(({ workerId, address }) => ({ id: workerId, address }));
    return connectGroup({ server: group[rank], generation: 1, rank, members, token: TOKEN, deadlineMs });
  }

  /** What a member of another identity is told, that takes us for its own. */
  async function refusalOf(stranger: RunIdentity | null, others: readonly PeerServer[]) {
    const intruder = await member('w2', stranger);
    const failure = await failureOf(connect([...others, intruder], others.length));
    return failure;
  }

  const strangers: [string, (all: typeof identities) => RunIdentity | null, RegExp][] = [
    ['without TLS', () => null, /without TLS, so it showed no certificate/],
    ['with an expired certificate', ({ expired }) => expired.worker, /its certificate expired on \d{4}-/],
    [
      "with the coordinator's certificate",
      (all) => all.ours.coordinator,
      /that of a coordinator, not of a worker/,
    ],
  ];
  for (const [who, of, words] of strangers)
    it(`refuse one ${who}, by words on both sides, and go on with each other`, async () => {
      const group = [await member('w0', ours), await member('w1', ours)];
      const collectives = await Promise.all([connect(group, 0), connect(group, 1)]);
      const failure = await refusalOf(of(identities), group);
      assert.equal(failure.code, 'peer-refused');
      assert.match(failure.culprit ?? '', /^worker w[01] \(rank [01]\)$/);
      assert.match(failure.message, words);
      assert.ok(refused.length > 0);
      for (const line of refused) {
        assert.match(line, /^a connection from 127\.0\.0\.1:\d+ was refused: /);
        assert.match(line, words);
      }
      const sums = await Promise.all(
        collectives.map(async (collective, rank) => {
          const data = new Int32Array(100_000).fill(rank + 1);
          await collective.allReduceInt32({ epoch: 1, step: 0 }, data);
          return data;
        }),
      );
      assert.ok(sums.every((data) => data.every((value) => value === 3)));
    });

  const untrusted: [string, (all: typeof identities) => RunIdentity | null, RegExp][] = [
    [
      "another run's worker",
      ({ others }) => others.worker,
      /another authority, which calls itself that of run another/,
    ],
    [
      'one of the same authority for another run',
      ({ strayed }) => strayed.worker,
      /of another run, another-run/,
    ],
    ['one whose certificate expired', ({ expired }) => expired.worker, /expired on \d{4}-/],
    ['one without TLS', () => null, /does not speak TLS/],
  ];
  for (const [who, of, words] of untrusted)
    it(`do not speak to ${who}, and say so long before the deadline`, async () => {
      const group = [await member('w0', ours), await member('w1', of(identities))];
      const failure = await failureOf(connect(group, 0, 60_000));
      assert.equal(failure.code, 'peer-refused');
      assert.equal(failure.culprit, 'worker w1 (rank 1)');
      assert.match(failure.message, /^who answers at its address is not trusted: /);
      assert.match(failure.message, words);
    });

  const blind: [string, (all: typeof identities) => RunIdentity, RegExp][] = [
    ["another run's certificate", ({ others }) => others.worker, /another authority, .* run another-run$/],
    ['one of our authority for another run', ({ strayed }) => strayed.worker, /of another run, another-run$/],
    ['one of an authority that borrows our name', ({ forged }) => forged.worker, /another authority, /],
  ];
  for (const [what, of, words] of blind)
    it(`refuse ${what}, also from one that does not look who answers`, async () => {
      const { address } = await member('w0', ours);
      const { key, certificate } = of(identities);
      const trustsAll = credentials.createSsl(null, Buffer.from(key), Buffer.from(certificate), {
        rejectUnauthorized: false,
      });
      const client = new Client(address, trustsAll, { 'grpc.ssl_target_name_override': 'whoever' });
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${TOKEN}`);
      const call = client.makeServerStreamRequest(PULL_PATH, sameBytes, sameBytes, Buffer.alloc(0), metadata);
      const [error] = await once(call, 'error', { signal: AbortSignal.timeout(5000) });
      client.close();
      assert.equal(error.code, status.UNAUTHENTICATED);
      assert.match(error.details, words);
      assert.match(refused.join(), words);
    });

  it('wait for a member that is not there yet, as without TLS', async () => {
    const group = [await member('w0', ours), await member('w1', ours)];
    const address = group[1].address;
    await group[1].close();
    const connecting = connect(group, 0);
    const port = Number(address.split(':')[1]);
    const late = await PeerServer.listen({ token: TOKEN, identity: ours, workerId: 'w1', port });
    servers.push(late);
    const other = connect([group[0], late], 1);
    for (const collective of await Promise.all([connecting, other])) collective.close();
    assert.deepEqual(refused, []);
  });

  it('give their state to members only', async () => {
    const giver = await member('w0', ours);
    const collectives = [await member('w1', ours)].map((one) => [
      connect([giver, one], 0),
      connect([giver, one], 1),
    ]);
    await Promise.all(collectives.flat());
    const state = new Uint8Array(3_000_000).map((_, index) => index % 251);
    giver.offer({ generation: GENERATION, rank: 0, head: Buffer.from('{}'), buffers: [state] });
    const pull = async (identity: RunIdentity | null) => {
      const into = new Uint8Array(state.length);
      await pullState({
        generation: GENERATION,
        members: [
          { id: 'w0', address: giver.address },
          { id: 'w1', address: servers[1].address },
        ],
        own: 1,
        from: 0,
        token: TOKEN,
        identity,
        deadlineMs: DEADLINE_MS,
        signal: new AbortController().signal,
        faults: NO_FAULTS,
        destinationOf: () => [into],
      });
      return into;
    };
    assert.deepEqual(await pull(ours), state);
    for (const stranger of [null, identities.expired.worker, identities.others.worker])
      await assert.rejects(pull(stranger), { code: 'worker-lost', culprit: 'worker w0 (rank 0)' });
  });
});
