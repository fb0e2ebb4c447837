import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_FRAME_BYTES } from '@bagfleet/proto/grpc/peer-service';
import { connectGroup } from '@bagfleet/worker/collective/grpc-collective';
import { EARLY_BYTES } from '@bagfleet/worker/collective/inbox';
import type { PeerServer } from '@bagfleet/worker/collective/peer-server';
import { testIdentities } from '../../support/test-identities.js';
import { collectiveContract, failureOf } from './collective-contract.js';
import { endLocalGroups, localServers, TOKEN } from './local-group.js';

collectiveContract('the gRPC collective', async (size, deadlineMs) => {
  const group = await localServers(size);
  return { members: await group.connect(1, deadlineMs), end: group.end };
});

collectiveContract('the gRPC collective over mutual TLS', async (size, deadlineMs) => {
  const { worker } = (await testIdentities()).ours;
  const group = await localServers(size, worker);
  return { members: await group.connect(1, deadlineMs), end: group.end };
});

for (const way of ['plainly', 'over mutual TLS'])
  describe(`the gRPC collective, ${way}`, function () {
    const servers = async (size: number) =>
      localServers(size, way === 'plainly' ? null : (await testIdentities()).ours.worker);
    this.timeout(30_000);
    afterEach(endLocalGroups);

    it('sends and receives 2·bytes·(N-1)/N per member and sum', async () => {
      for (const size of [2, 3, 5]) {
        const group = await servers(size);
        const members = await group.connect(1, 10_000);
        const entries = 1_000_003;
        await Promise.all(
          members.map((member) => member.allReduceInt32({ epoch: 1, step: 0 }, new Int32Array(entries))),
        );
        const due = (2 * 4 * entries * (size - 1)) / size;
        for (const { gradientBytesSent, gradientBytesReceived } of members.map((member) =>
          member.counters(),
        )) {
          assert.ok(Math.abs(gradientBytesSent / due - 1) < 0.001);
          assert.ok(Math.abs(gradientBytesReceived / due - 1) < 0.001);
        }
      }
    });

    it('keeps its server through many generations', async () => {
      const group = await servers(3);
      for (let generation = 1; generation <= 5; generation++) {
        const members = await group.connect(generation, 10_000);
        const data = members.map(() => new Int32Array(100).fill(generation));
        await Promise.all(
          members.map((member, rank) => member.allReduceInt32({ epoch: 1, step: 0 }, data[rank])),
        );
        assert.ok(data.every((one) => one.every((value) => value === 3 * generation)));
        // A member that is told of the next generation first need not wait for the others to leave this one.
        if (generation % 2 === 0) for (const member of members) member.close();
      }
    });

    it('ends the calls of a generation when the next one begins', async () => {
      const group = await servers(2);
      const [old] = await group.connect(1, 10_000);
      const pending = failureOf(old.exchange({ epoch: 1, step: 0 }, 'tally', new Uint8Array(1)));
      await group.connect(2, 10_000);
      assert.match((await pending).message, /generation 1 .*is over|left generation 1|joined generation 2/);
    });

    it('waits with a call for a generation that the other has not joined yet', async () => {
      const group = await servers(2);
      const [first, second] = group.servers;
      const join = (server: PeerServer, rank: number, generation: number) =>
        connectGroup({ server, generation, rank, members: group.members, token: TOKEN, deadlineMs: 10_000 });
      await Promise.all([join(first, 0, 1), join(second, 1, 1)]);
      const ahead = join(first, 0, 2);
      await sleep(200);
      const members = await Promise.all([ahead, join(second, 1, 2)]);
      const messages = await Promise.all(
        members.map((one) => one.exchange({ epoch: 1, step: 0 }, 'a', new Uint8Array(2))),
      );
      assert.equal(messages[0].length, 2);
    });

    it('bounds what waits for a member that is behind, and catches up', async () => {
      const group = await servers(2);
      const [ahead, behind] = await group.connect(1, 20_000);
      const entries = 30_000_000; // 60 MB for each member's shard, above what waits in the receiver's memory
      const data = [new Int32Array(entries).fill(1), new Int32Array(entries).fill(2)];
      const sums = [ahead.allReduceInt32({ epoch: 1, step: 0 }, data[0])];
      await sleep(1000);
      const early = behind.counters().gradientBytesReceived;
      assert.ok(early > 0 && early <= EARLY_BYTES + MAX_FRAME_BYTES, `${early} bytes came early`);
      sums.push(behind.allReduceInt32({ epoch: 1, step: 0 }, data[1]));
      await Promise.all(sums);
      assert.ok(data.every((one) => one.every((value) => value === 3)));
    });

    it('goes on after its own process was busy for longer than the deadline', async () => {
      const group = await servers(2);
      const members = await group.connect(1, 1000);
      const sums = members.map((member) =>
        member.allReduceInt32({ epoch: 1, step: 0 }, new Int32Array(1_000_000)),
      );
      const until = performance.now() + 1500;
      while (performance.now() < until); // the thread is blocked on purpose: timers are due before frames are read
      await Promise.all(sums);
    });

    it('stops connecting, and later working, when the signal is raised', async () => {
      const group = await servers(2);
      const [server] = group.servers;
      const { members } = group;
      const connecting = new AbortController();
      const alone = failureOf(
        connectGroup({
          server,
          generation: 1,
          rank: 0,
          members,
          token: TOKEN,
          deadlineMs: 10_000,
          signal: connecting.signal,
        }),
      );
      connecting.abort();
      assert.equal((await alone).code, 'cancelled');
      const working = new AbortController();
      const both = await Promise.all(
        group.servers.map((one, rank) =>
          connectGroup({
            server: one,
            generation: 2,
            rank,
            members,
            token: TOKEN,
            deadlineMs: 10_000,
            signal: working.signal,
          }),
        ),
      );
      const pending = failureOf(both[0].exchange({ epoch: 1, step: 0 }, 'tally', new Uint8Array(1)));
      working.abort();
      assert.equal((await pending).code, 'cancelled');
    });

    it('leaves no handle behind', async () => {
      await sleep(50);
      const before = process.getActiveResourcesInfo().sort();
      const group = await servers(3);
      const members = await group.connect(1, 10_000);
      await Promise.all(
        members.map((member) => member.allReduceInt32({ epoch: 1, step: 0 }, new Int32Array(100_000))),
      );
      const cut = failureOf(members[0].exchange({ epoch: 1, step: 1 }, 'tally', new Uint8Array(1)));
      for (const member of members) member.close();
      await cut;
      await group.end();
      await sleep(100);
      assert.deepEqual(process.getActiveResourcesInfo().sort(), before);
    });
  });
