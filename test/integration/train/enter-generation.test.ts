/**
 * The beginning of a generation over real streams: the most advanced state wins, those behind pull it, nobody's
 * state changes before a pulled one is whole and right.
 */
import assert from 'node:assert/strict';
import { CounterRng, parseJob } from '@bagfleet/proto';
import { stateDigest } from '@bagfleet/worker/checkpoint/state-digest';
import { pullState } from '@bagfleet/worker/collective/peer-state-pull';
import type { ComputeClient } from '@bagfleet/worker/engine/compute-client';
import { NO_FAULTS } from '@bagfleet/worker/faults/faults';
import { OrderedFaults } from '@bagfleet/worker/faults/ordered-faults';
import { createModel } from '@bagfleet/worker/models/create-model';
import { type EnteringParts, enterGeneration } from '@bagfleet/worker/train/enter-generation';
import { initialState, type TrainingState } from '@bagfleet/worker/train/training-state';
import { endLocalGroups, type LocalGroup, localServers, TOKEN } from '../collective/local-group.js';

const JOB = parseJob({ data: { manifest: 'm' }, model: { hidden: 600 } }, 'test');
const MODEL = createModel(JOB.model, { instanceShape: [512], outputs: 1 });

function stateAfter(step: number, epoch = 0): TrainingState {
  const state = initialState(JOB, MODEL);
  for (const values of [state.parameters, ...Object.values(state.moments)])
    values.set(new CounterRng(step, ['state', epoch]).normal(values.length));
  state.progress = { ...state.progress, step, epoch, skipped: ['b7'] };
  return state;
}

interface Entering {
  readonly states: readonly TrainingState[];
  readonly unpacked: unknown[][];
  readonly reloads: number[];
  readonly enter: (rank: number, change?: Partial<EnteringParts>) => ReturnType<typeof enterGeneration>;
}

async function entering(
  group: LocalGroup,
  states: readonly TrainingState[],
  deadlineMs = 5000,
): Promise<Entering> {
  const collectives = await group.connect(1, deadlineMs);
  const generation = { coordinator: 0, number: 1 };
  const unpacked: unknown[][] = states.map(() => []);
  const reloads = states.map(() => 0);
  const enter = (rank: number, change: Partial<EnteringParts> = {}) =>
    enterGeneration({
      collective: collectives[rank],
      members: group.members.map(({ id }) => id),
      state: states[rank],
      compute: { call: async () => void reloads[rank]++ } as unknown as ComputeClient,
      digest: Promise.resolve(stateDigest(states[rank])),
      costs: { fixed: rank, perInstance: rank },
      baggage: () => ({ copy: null, rows: [{ from: rank }] }),
      unpack: ({ rows }) => unpacked[rank].push(...rows),
      offer: (offer) => group.servers[rank].offer(offer && { ...offer, generation, rank }),
      pull: (from, destinationOf) =>
        pullState({
          generation,
          members: group.members,
          own: rank,
          from,
          token: TOKEN,
          identity: null,
          deadlineMs,
          signal: new AbortController().signal,
          faults: NO_FAULTS,
          destinationOf,
        }),
      ...change,
    });
  return { states, unpacked, reloads, enter };
}

describe('entering a generation', function () {
  this.timeout(30_000);
  afterEach(endLocalGroups);

  it('brings all members to the most advanced state, with what is held of it', async () => {
    const group = await localServers(4);
    const states = [stateAfter(3), stateAfter(5), initialState(JOB, MODEL), stateAfter(5)];
    const wanted = stateDigest(stateAfter(5));
    const { enter, unpacked, reloads } = await entering(group, states);
    const entered = await Promise.all(states.map((_, rank) => enter(rank)));
    assert.deepEqual(states.map(stateDigest), [wanted, wanted, wanted, wanted]);
    assert.deepEqual(unpacked, [[{ from: 1 }], [], [{ from: 3 }], []]);
    assert.deepEqual(reloads, [1, 0, 1, 0]);
    assert.ok(
      entered.every(({ costs }) => costs.fixed === 1),
      'the costs of the first donor',
    );
    const bytes = 3 * 4 * states[0].layout.length;
    assert.deepEqual(
      entered.map(({ pulledBytes }) => pulledBytes),
      [bytes, 0, bytes, 0],
    );
  });

  it('pulls nothing where all are alike, and prefers a closed epoch to an open one', async () => {
    const group = await localServers(2);
    const alike = [stateAfter(2), stateAfter(2)];
    const first = await entering(group, alike);
    const entered = await Promise.all([first.enter(0), first.enter(1)]);
    assert.deepEqual(
      entered.map(({ pulledBytes }) => pulledBytes),
      [0, 0],
    );
    const other = await localServers(2);
    const states = [stateAfter(2, 0), stateAfter(2, 1)];
    const second = await entering(other, states);
    await Promise.all([second.enter(0), second.enter(1)]);
    assert.equal(states[0].progress.epoch, 1);
  });

  it('names the one whose equally advanced state differs', async () => {
    const group = await localServers(3);
    const states = [stateAfter(4), stateAfter(4), stateAfter(4)];
    states[1].parameters[7] += 1;
    const { enter } = await entering(group, states);
    const outcomes = await Promise.allSettled([0, 1, 2].map((rank) => enter(rank)));
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal(outcome.reason.code, 'machine-wrong');
      assert.equal(outcome.reason.culprit, 'worker w1 (rank 1)');
    }
  });

  it('names it by its rank also when others lag behind', async () => {
    const group = await localServers(4);
    const states = [stateAfter(4), stateAfter(1), stateAfter(4), stateAfter(4)];
    states[3].parameters[7] += 1;
    const { enter } = await entering(group, states);
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map((rank) => enter(rank)));
    for (const outcome of outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal(outcome.reason.culprit, 'worker w3 (rank 3)');
    }
  });

  it('keeps one’s own state when what came is not what was announced', async () => {
    const group = await localServers(2);
    const states = [stateAfter(4), stateAfter(1)];
    const before = stateDigest(states[1]);
    const { enter } = await entering(group, states, 1500);
    const giver = enter(0, {
      offer: (offer) => {
        if (offer) offer.buffers[0][11] ^= 1; // a bit flips after the digest was taken
        group.servers[0].offer(offer && { ...offer, generation: { coordinator: 0, number: 1 }, rank: 0 });
      },
    });
    giver.catch(() => undefined);
    await assert.rejects(enter(1), { code: 'machine-wrong', culprit: 'worker w0 (rank 0)' });
    assert.equal(stateDigest(states[1]), before);
    await assert.rejects(giver);
  });

  it('ends by its deadline when the state never arrives, naming the donor', async () => {
    const group = await localServers(2);
    const states = [stateAfter(4), stateAfter(1)];
    const { enter } = await entering(group, states, 700);
    const giver = enter(0, { offer: () => undefined });
    giver.catch(() => undefined);
    await assert.rejects(enter(1), { code: 'worker-lost', culprit: 'worker w0 (rank 0)' });
    await assert.rejects(giver);
  });
});

describe('a pull of state', function () {
  this.timeout(30_000);
  afterEach(endLocalGroups);

  it('that stalls half-way ends by its deadline', async () => {
    const group = await localServers(2);
    await group.connect(1, 5000);
    const generation = { coordinator: 0, number: 1 };
    const head = Buffer.from('{}');
    group.servers[0].offer({ generation, rank: 0, head, buffers: [new Uint8Array(8 << 20)] });
    const slow = new OrderedFaults(
      [{ id: 'd', worker: 'w0', act: 'delay', phase: 'donate', ms: 3000, times: 1 }],
      () => true,
    );
    Object.assign(group.servers[0], { faults: slow });
    const pulling = pullState({
      generation,
      members: group.members,
      own: 1,
      from: 0,
      token: TOKEN,
      identity: null,
      deadlineMs: 400,
      signal: new AbortController().signal,
      faults: NO_FAULTS,
      destinationOf: () => [new Uint8Array(8 << 20)],
    });
    await assert.rejects(pulling, { code: 'wait-timeout', culprit: 'worker w0 (rank 0)' });
  });

  it('breaks when the giver has moved on', async () => {
    const group = await localServers(2);
    await group.connect(1, 5000);
    const pulling = pullState({
      generation: { coordinator: 0, number: 1 },
      members: group.members,
      own: 1,
      from: 0,
      token: TOKEN,
      identity: null,
      deadlineMs: 2000,
      signal: new AbortController().signal,
      faults: NO_FAULTS,
      destinationOf: () => [],
    });
    await assert.rejects(pulling, { code: 'worker-lost', message: /no state is offered/ });
  });
});
