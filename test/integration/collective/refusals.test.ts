/**
 * Whom a member refuses, and what each side is told: wrong token, wrong version, wrong generation, wrong identity.
 */
import assert from 'node:assert/strict';
import { SCHEMA_VERSION } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame, frameBytes, writeFrame } from '@bagfleet/proto/grpc/peer-frame';
import { PULL_PATH, peerService, sameBytes } from '@bagfleet/proto/grpc/peer-service';
import { connectGroup } from '@bagfleet/worker/collective/grpc-collective';
import { refusalOf } from '@bagfleet/worker/collective/parting';
import { PeerServer } from '@bagfleet/worker/collective/peer-server';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { failureOf } from './collective-contract.js';
import { endLocalGroups, localServers, TOKEN } from './local-group.js';

const DEADLINE_MS = 3000;

function greeting(change: Partial<Frame['header']>, id: string): Buffer {
  const header = {
    version: SCHEMA_VERSION,
    kind: FRAME_KINDS.open,
    sender: 1,
    coordinator: 0,
    generation: 1,
    operation: 0,
    epoch: 0,
    step: 0,
    entries: 0,
    segment: 0,
    label: 0,
    ...change,
  };
  const frame = { header, payload: Buffer.from(id) };
  const bytes = Buffer.alloc(frameBytes(frame));
  writeFrame(frame, bytes);
  return bytes;
}

/** Opens a stream by hand and returns how it ended. */
async function endOfCall(address: string, request: Buffer, token: string | null): Promise<ServiceError> {
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== null) metadata.set('authorization', `Bearer ${token}`);
  const call = client.makeServerStreamRequest(PULL_PATH, sameBytes, sameBytes, request, metadata);
  try {
    return await new Promise<ServiceError>((resolve, reject) => {
      call.on('error', resolve);
      call.on('data', () => reject(new Error('the call was admitted')));
    });
  } finally {
    client.close();
  }
}

describe('refusals between peers', () => {
  const strangers: Server[] = [];
  afterEach(async () => {
    for (const server of strangers.splice(0)) server.forceShutdown();
    await endLocalGroups();
  });
  /** A peer that greets with whatever bytes it is given; returns its address. */
  async function strangeServer(hello: Buffer): Promise<string> {
    const server = new Server();
    strangers.push(server);
    const definition = { pull: { ...peerService.pull, responseSerialize: sameBytes } };
    server.addService(definition, { pull: (call: { write(bytes: Buffer): void }) => call.write(hello) });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return `127.0.0.1:${port}`;
  }

  it('a caller without the run token is turned away, and told nothing else', async () => {
    const group = await localServers(1);
    for (const token of [null, 'another', '', `${TOKEN}x`]) {
      const end = await endOfCall(group.members[0].address, greeting({}, 'w1'), token);
      assert.equal(end.code, status.UNAUTHENTICATED);
      assert.equal(refusalOf(end.metadata), null);
    }
  });

  it('a member with another token is named to the one that it refused', async () => {
    const group = await localServers(2);
    const [server] = group.servers;
    const failure = await failureOf(
      connectGroup({
        server,
        generation: 1,
        rank: 0,
        members: group.members,
        token: 'another',
        deadlineMs: DEADLINE_MS,
      }),
    );
    assert.equal(failure.code, 'peer-refused');
    assert.equal(failure.culprit, 'worker w1 (rank 1)');
    assert.match(failure.message, /token/);
  });

  it('a caller of another schema version is told so', async () => {
    const group = await localServers(1);
    const end = await endOfCall(
      group.members[0].address,
      greeting({ version: SCHEMA_VERSION + 1 }, 'w1'),
      TOKEN,
    );
    const refusal = refusalOf(end.metadata);
    assert.equal(refusal?.code, 'peer-incompatible');
    assert.match(refusal?.message ?? '', /schema version 2, this worker speaks 1/);
  });

  it('a peer of another schema version is named', async () => {
    const group = await localServers(1);
    const address = await strangeServer(
      greeting({ kind: FRAME_KINDS.hello, version: SCHEMA_VERSION + 1 }, 'w1'),
    );
    const members = [group.members[0], { id: 'w1', address }];
    const failure = await failureOf(
      connectGroup({
        server: group.servers[0],
        generation: 1,
        rank: 0,
        members,
        token: TOKEN,
        deadlineMs: DEADLINE_MS,
      }),
    );
    assert.equal(failure.code, 'peer-incompatible');
    assert.equal(failure.culprit, 'worker w1 (rank 1)');
    assert.match(failure.message, /schema version 2, this worker speaks 1/);
  });

  it('a peer that is another worker, or of another generation, is named', async () => {
    const greetings: [Buffer, RegExp][] = [
      [greeting({ kind: FRAME_KINDS.hello }, 'w9'), /answers worker "w9"/],
      [greeting({ kind: FRAME_KINDS.hello, generation: 0 }, 'w1'), /rank 1 in generation 0/],
      [greeting({ kind: FRAME_KINDS.hello, coordinator: 3 }, 'w1'), /generation 1 of coordinator 3/],
      [greeting({ kind: FRAME_KINDS.hello, sender: 2 }, 'w1'), /rank 2/],
    ];
    for (const [hello, message] of greetings) {
      const group = await localServers(1);
      const address = await strangeServer(hello);
      const members = [group.members[0], { id: 'w1', address }];
      const failure = await failureOf(
        connectGroup({
          server: group.servers[0],
          generation: 1,
          rank: 0,
          members,
          token: TOKEN,
          deadlineMs: DEADLINE_MS,
        }),
      );
      assert.equal(failure.code, 'peer-refused');
      assert.equal(failure.culprit, 'worker w1 (rank 1)');
      assert.match(failure.message, message);
    }
  });

  it('a caller of an earlier generation, of another fleet or for a taken seat is told so', async () => {
    const group = await localServers(2);
    const collectives = await group.connect(5, DEADLINE_MS);
    const [{ address }] = group.members;
    const cases: [Buffer, RegExp][] = [
      [greeting({ generation: 4 }, 'w1'), /generation 4 of coordinator 0 is over, generation 5/],
      [greeting({ generation: 5 }, 'w1'), /has its stream already/],
      [greeting({ generation: 5 }, 'w7'), /"w7" is not its rank 1/],
      [greeting({ generation: 5, sender: 9 }, 'w1'), /is not its rank 9/],
      [greeting({ generation: 5, kind: FRAME_KINDS.sum }, 'w1'), /begins with an open frame/],
    ];
    for (const [request, message] of cases) {
      const refusal = refusalOf((await endOfCall(address, request, TOKEN)).metadata);
      assert.match(refusal?.message ?? '', message);
    }
    await Promise.all(
      collectives.map((one) => one.exchange({ epoch: 1, step: 0 }, 'still well', new Uint8Array(1))),
    );
  });

  it('a worker does not go back to a generation that is over', async () => {
    const group = await localServers(2);
    const collectives = await group.connect(5, DEADLINE_MS);
    const failure = await failureOf(
      connectGroup({
        server: group.servers[0],
        generation: 5,
        rank: 0,
        members: group.members,
        token: TOKEN,
        deadlineMs: DEADLINE_MS,
      }),
    );
    assert.equal(failure.code, 'peer-refused');
    for (const collective of collectives) collective.close();
    // Another coordinator's first generation comes after all of the one before it.
    await Promise.all(
      group.servers.map((server, rank) =>
        connectGroup({
          server,
          lease: 1,
          generation: 1,
          rank,
          members: group.members,
          token: TOKEN,
          deadlineMs: DEADLINE_MS,
        }),
      ),
    );
  });

  it('a member that does not come is named', async () => {
    const group = await localServers(3);
    const coming = group.servers.slice(0, 2).map((server, rank) =>
      failureOf(
        connectGroup({
          server,
          generation: 1,
          rank,
          members: group.members,
          token: TOKEN,
          deadlineMs: 300,
        }),
      ),
    );
    for (const failure of await Promise.all(coming)) {
      assert.equal(failure.code, 'wait-timeout');
      assert.equal(failure.culprit, 'worker w2 (rank 2)');
      assert.match(failure.message, /waited 300 ms for worker w2 \(rank 2\) to join generation 1/);
    }
  });

  it('a port that is taken is reported as such', async () => {
    const group = await localServers(1);
    const port = Number(group.members[0].address.split(':')[1]);
    const failure = await failureOf(PeerServer.listen({ port, token: TOKEN, workerId: 'w5' }));
    assert.equal(failure.code, 'port-in-use');
    assert.equal(failure.culprit, 'worker w5');
  });
});
