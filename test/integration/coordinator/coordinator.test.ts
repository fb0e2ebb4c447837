/**
 * The coordinator around its core: real sessions, a store in memory, and in place of the core and the processes what
 * the test says. Which event reaches the core, what an effect does, and what happens when the lease is gone.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Coordinator } from '@bagfleet/orchestrator/coordinator/coordinator';
import type { CoreEffect, CoreEvent } from '@bagfleet/orchestrator/coordinator/core/core-types';
import { NOBODY_LISTENS } from '@bagfleet/orchestrator/launch/announcer';
import type {
  LaunchedWorker,
  Launcher,
  LivingWorker,
  WorkerEnvironment,
} from '@bagfleet/orchestrator/launch/launcher';
import {
  type ChaosOrder,
  type DatasetManifest,
  type EventRow,
  type LeaseRecord,
  parseJob,
  RUN_FILES,
  type StepRow,
} from '@bagfleet/proto';
import {
  JoinSchema,
  PositionSchema,
  RowsSchema,
  type SessionRequest,
  type SessionResponse,
  StandingSchema,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import {
  CoordinatorClient,
  openSession,
  type SessionStream,
  sessionRequest,
} from '@bagfleet/proto/grpc/coordinator-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';
import { MemoryStore } from '../../support/memory-store.js';
import { statusOf } from '../../support/run-folder.js';
import { testIdentities } from '../../support/test-identities.js';

const TOKEN = 'the-token';
const TERM_SECONDS = 0.5;
const MANIFEST: DatasetManifest = {
  schemaVersion: 1,
  name: 'd',
  instanceShape: [4],
  classes: ['a', 'b'],
  bags: [{ id: 'b0', key: 'b0.npy', bytes: 1, instances: 5, label: 1, split: 'train' }],
};

class FakeLauncher implements Launcher {
  readonly done: string[] = [];

  launch({ workerId, incarnation }: WorkerEnvironment): LaunchedWorker {
    this.done.push(`launch ${workerId} ${incarnation}`);
    return this.#handle(workerId);
  }

  adopt({ workerId, pid }: LivingWorker): LaunchedWorker {
    this.done.push(`adopt ${workerId} ${pid}`);
    return this.#handle(workerId);
  }

  incarnationOf(_: string, told: string): string {
    return told;
  }

  resize(ids: number): void {
    this.done.push(`resize ${ids}`);
  }

  startNoMore(): void {
    this.done.push('start no more');
  }

  close(): void {}

  async clear(): Promise<void> {
    this.done.push('clear');
  }

  #handle(workerId: string): LaunchedWorker {
    return {
      kill: () => this.done.push(`kill ${workerId}`),
      pause: () => this.done.push(`pause ${workerId}`) > 0,
    };
  }
}

describe('the coordinator around its core', () => {
  let store: MemoryStore;
  let launcher: FakeLauncher;
  let events: CoreEvent[];
  let answer: (event: CoreEvent) => CoreEffect[];
  const closing: (() => void)[] = [];

  beforeEach(() => {
    store = new MemoryStore('memory://runs/r');
    launcher = new FakeLauncher();
    events = [];
    answer = () => [];
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  function coordinator(
    holder: string,
    changes: { deadHolder?: string; allowChaos?: boolean; identity?: RunIdentity } = {},
  ) {
    const { deadHolder = null, allowChaos = false, identity = null } = changes;
    const fleet = { workers: 2, leaseTimeout: TERM_SECONDS };
    return new Coordinator({
      job: parseJob({ data: { manifest: 'm' }, fleet, allowChaos }, 'test'),
      manifest: MANIFEST,
      runId: 'r',
      store,
      launcher,
      announcer: NOBODY_LISTENS,
      listenAt: { host: '127.0.0.1', port: 0 },
      vitalsAt: null,
      apiCalls: null,
      core: {
        initialCore: () => null,
        step: (state: null, event: CoreEvent) => {
          if (event.kind !== 'tick') events.push(event);
          const concluded = event.kind === 'cancel' || event.kind === 'interrupt';
          const conclude: CoreEffect = { kind: 'conclude', verdict: { state: 'cancelled', error: null } };
          return { state, effects: concluded ? [conclude] : answer(event) };
        },
      },
      token: TOKEN,
      identity,
      holder,
      deadHolder,
    });
  }

  /** Runs one until it is interrupted. */
  async function running(holder: string, changes: Parameters<typeof coordinator>[1] = {}) {
    const made = coordinator(holder, changes);
    const over = made.run();
    over.catch(() => undefined);
    await until(() => events.some(({ kind }) => kind === 'begin'));
    return { over, made };
  }

  async function lease(): Promise<LeaseRecord> {
    return JSON.parse(Buffer.from((await store.get(RUN_FILES.lease)).bytes).toString());
  }

  async function eventRows(): Promise<EventRow[]> {
    const text = Buffer.from((await store.get(RUN_FILES.events)).bytes).toString();
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as EventRow);
  }

  async function worker(id: string, facts: MessageInitShape<typeof JoinSchema> = {}) {
    const client = new CoordinatorClient((await lease()).address ?? '', credentials.createInsecure());
    closing.push(() => client.close());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${TOKEN}`);
    const stream: SessionStream = openSession(client, metadata);
    const heard: SessionResponse['message'][] = [];
    stream.on('data', ({ message }: SessionResponse) => heard.push(message));
    const lost = new Promise<Error>((resolve) => stream.on('error', resolve));
    const say = (message: SessionRequest['message']) => stream.write(sessionRequest(message));
    say({
      case: 'join',
      value: create(JoinSchema, { workerId: id, incarnation: '1.1', pid: 4711, ...facts }),
    });
    return { say, heard, lost };
  }

  it('begins a new run, and lets the lease go at its end', async () => {
    const { made, over } = await running('a');
    assert.deepEqual(events[0], { kind: 'begin', lease: 1, workers: 2, takeover: false });
    made.interrupt('SIGTERM');
    assert.equal((await over)?.state, 'cancelled');
    assert.equal((await lease()).address, null);
    assert.deepEqual(launcher.done, ['clear']);
  });

  it('takes over from one that is dead, on as many workers as were asked for last', async () => {
    await running('a');
    events = [];
    await store.put(
      RUN_FILES.scale,
      Buffer.from('{"schemaVersion":1,"workers":5,"requestedAt":"2026-01-01T00:00:00Z"}'),
    );
    const { made, over } = await running('b', { deadHolder: 'a' });
    assert.deepEqual(
      events.find(({ kind }) => kind === 'begin'),
      {
        kind: 'begin',
        lease: 2,
        workers: 5,
        takeover: true,
      },
    );
    made.interrupt('SIGTERM');
    await over;
  });

  it('steps back, touching nothing, when another one has taken over', async () => {
    const first = await running('a');
    events = [];
    const second = await running('b', { deadHolder: 'a' });
    await assert.rejects(first.over, { code: 'lease-lost' });
    assert.ok(!launcher.done.includes('clear'));
    assert.equal((await lease()).holder, 'b');
    second.made.interrupt('SIGTERM');
    await second.over;
  });

  it('writes down who was refused for want of a certificate', async () => {
    const { coordinator: identity } = (await testIdentities()).ours;
    const { made, over } = await running('a', { identity });
    const { lost } = await worker('w0');
    assert.match((await lost).message, /showed no certificate/);
    made.interrupt('SIGTERM');
    await over;
    const rows = (await eventRows()).filter(({ event }) => event === 'refused');
    assert.equal(rows.length, 1);
    assert.match(rows[0].message, /^a connection from 127\.0\.0\.1:\d+ was refused: .*no certificate$/);
    assert.ok(!events.some(({ kind }) => kind === 'joined'));
  });

  it('does nothing but clear up and let the lease go when the verdict is written already', async () => {
    await store.put(RUN_FILES.status, Buffer.from(JSON.stringify(statusOf('r', { state: 'done' }))));
    assert.deepEqual(await coordinator('a').run(), { state: 'done', error: null });
    assert.deepEqual(events, []);
    // The coordinator that gave it may have died before it took its workers' Job away.
    assert.deepEqual(launcher.done, ['clear']);
    assert.equal((await lease()).address, null);
  });

  it('decides nothing while the store can not be reached, and catches up afterwards', async () => {
    const { made, over } = await running('a');
    const put = store.put.bind(store);
    store.put = () => Promise.reject(new Error('the store is away'));
    await sleep(TERM_SECONDS * 1000);
    made.interrupt('SIGTERM');
    await sleep(100);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['begin'],
    );
    store.put = put;
    assert.equal((await over)?.state, 'cancelled');
  });

  it('adopts a worker that outlived an earlier coordinator', async () => {
    const { made, over } = await running('a');
    answer = (event) => (event.kind === 'joined' ? [{ kind: 'welcome', worker: event.worker }] : []);
    const generation = { lease: 1, number: 3 };
    const { heard } = await worker('w1', {
      standing: create(StandingSchema, { generation, members: ['w0', 'w1'], broken: true }),
    });
    await until(() => heard.length === 1);
    assert.equal(heard[0].case === 'welcome' && heard[0].value.lease, 1);
    const joined = events.find(({ kind }) => kind === 'joined');
    assert.deepEqual(joined?.kind === 'joined' && joined.standing, {
      generation,
      members: ['w0', 'w1'],
      broken: true,
    });
    assert.deepEqual(launcher.done, ['adopt w1 4711']);
    made.interrupt('SIGTERM');
    await over;
  });

  it('says that rows are stored to all workers, when they are', async () => {
    const { made, over } = await running('a');
    answer = (event) => (event.kind === 'joined' ? [{ kind: 'welcome', worker: event.worker }] : []);
    const [first, other] = [await worker('w0'), await worker('w1')];
    await until(() => first.heard.length === 1 && other.heard.length === 1);
    const upto = { epoch: 1, step: 1 };
    const row = JSON.stringify(stepRow(1, 1));
    first.say({
      case: 'rows',
      value: create(RowsSchema, { metrics: [row], upto: create(PositionSchema, upto), urgent: true }),
    });
    await until(() => other.heard.length === 2);
    const [, stored] = other.heard;
    assert.ok(stored.case === 'stored' && stored.value.upto?.step === 1 && stored.value.upto.epoch === 1);
    assert.match(Buffer.from((await store.get(RUN_FILES.metrics)).bytes).toString(), /"step":1/);
    made.interrupt('SIGTERM');
    await over;
  });

  it('makes of effects what they say', async () => {
    const { made, over } = await running('a');
    const generation = { lease: 1, number: 1 };
    const members = [{ id: 'w0', address: 'host:1' }];
    answer = (event) => {
      if (event.kind !== 'joined') return [];
      return [
        { kind: 'launch', worker: 'w5', incarnation: '1.2' },
        { kind: 'welcome', worker: 'w0' },
        { kind: 'start', worker: 'w0', rank: 0, generation, members, graceful: true },
        { kind: 'keep', worker: 'w0' },
        { kind: 'size', ids: 6 },
        { kind: 'stop', worker: 'w0', reason: 'enough', complete: false },
        { kind: 'note', event: 'told', message: 'a sentence' },
        { kind: 'kill', worker: 'w5' },
      ];
    };
    const { heard } = await worker('w0');
    await until(() => heard.length === 4 && launcher.done.length === 4);
    assert.deepEqual(
      heard.map((message) => message.case),
      ['welcome', 'start', 'keep', 'stop'],
    );
    const [, start] = heard;
    assert.ok(start.case === 'start' && start.value.graceful && start.value.generation?.number === 1);
    assert.deepEqual(launcher.done, ['launch w5 1.2', 'adopt w0 4711', 'resize 6', 'kill w5']);
    made.interrupt('SIGTERM');
    await over;
    assert.ok((await eventRows()).some(({ event, message }) => event === 'told' && message === 'a sentence'));
  });

  it('hears of a cancel and of another number of workers', async () => {
    const { over } = await running('a');
    await store.put(
      RUN_FILES.scale,
      Buffer.from('{"schemaVersion":1,"workers":3,"requestedAt":"2026-01-01T00:00:00Z"}'),
    );
    await until(() => events.some(({ kind }) => kind === 'scale'));
    assert.deepEqual(events[1], { kind: 'scale', workers: 3 });
    await store.put(RUN_FILES.cancel, Buffer.from('{}'));
    await over;
    assert.deepEqual(launcher.done, ['start no more', 'clear']);
  });

  describe('with chaos', () => {
    async function order(
      what: ChaosOrder['what'],
      name: string,
      target: string | null = null,
    ): Promise<void> {
      const made: ChaosOrder = { schemaVersion: 1, what, worker: target, draw: 0.9, requestedAt: '' };
      await store.put(`${RUN_FILES.chaos}${name}.json`, Buffer.from(JSON.stringify(made)));
    }

    it('refuses it unless the job allows it', async () => {
      const { made, over } = await running('a');
      await order('kill-coordinator', '1');
      await until(() => ![...store.objects.keys()].some((key) => key.startsWith(RUN_FILES.chaos)));
      made.interrupt('SIGTERM');
      await over;
      assert.ok((await eventRows()).some(({ event }) => event === 'chaos-refused'));
    });

    it('carries each order out once, in the order of their names', async () => {
      const { made, over } = await running('a', { allowChaos: true });
      answer = (event) => (event.kind === 'joined' ? [{ kind: 'welcome', worker: event.worker }] : []);
      const members = ['w1', 'w0'];
      const standing = create(StandingSchema, { generation: { lease: 1, number: 1 }, members });
      const first = await worker('w0', { standing, pid: 1 });
      const other = await worker('w1', { standing, pid: 2 });
      await until(() => first.heard.length === 1 && other.heard.length === 1);
      await order('kill-worker', '1');
      await order('pause-worker', '2', 'w0');
      await order('drop-link', '3', 'w0');
      await order('delay-link', '4', 'w0');
      await order('kill-during-checkpoint', '5');
      await order('kill-worker', '6', 'w7');
      await until(() => other.heard.length === 2 && first.heard.length === 3);
      assert.deepEqual(launcher.done.slice(2), ['kill w1', 'pause w0']);
      const faults = [...first.heard, ...other.heard].flatMap((message) =>
        message.case === 'fault' ? [JSON.parse(message.value.orderJson) as Record<string, unknown>] : [],
      );
      assert.deepEqual(
        faults.map(({ act, worker: who, peer }) => [act, who, peer]),
        [
          ['cut', 'w0', 'w1'],
          ['slow', 'w0', 'w1'],
          ['kill', 'w1', undefined],
        ],
      );
      made.interrupt('SIGTERM');
      await over;
      const told = (await eventRows()).filter(({ event }) => event === 'chaos').map(({ message }) => message);
      assert.equal(told.length, 6);
      assert.match(told[5], /nothing done: there is no living worker w7/);
    });
  });
});

function stepRow(epoch: number, step: number): StepRow {
  const rest = { weight: 1, rate: 1, gradientNorm: 1, bags: 1, instances: 5, balance: 1, milliseconds: 1 };
  return { kind: 'step', epoch, step, loss: 1, ...rest };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 8000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(10);
  }
}
