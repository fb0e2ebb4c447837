import assert from 'node:assert/strict';
import { type ChaosPlan, drawOrder, orderFaults, orderKey } from '@bagfleet/orchestrator/registry/chaos-run';
import { type ChaosOrder, chaosOrderSchema, RUN_FILES } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';
import { NOW, putRun, secondsBefore, statusOf } from '../../../support/run-folder.js';

const never = new AbortController().signal;
const PLAN: ChaosPlan = {
  faults: ['kill-worker', 'drop-link', 'kill-coordinator'],
  worker: null,
  everyMs: 20,
  forMs: 200,
  seed: 7,
};

async function runningRun(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await putRun(store, statusOf('a', {}, new Date()));
  return store;
}

function order(
  store: MemoryStore,
  plan: ChaosPlan,
  signal = never,
  onOrder: (order: ChaosOrder) => void = () => {},
) {
  const heldBack: string[] = [];
  const told = { ordered: onOrder, heldBack: (reason: string) => heldBack.push(reason) };
  return { heldBack, ended: orderFaults(store, 'a', plan, told, signal) };
}

function storedOrders(store: MemoryStore): ChaosOrder[] {
  const keys = [...store.objects.keys()].filter((key) => key.startsWith(`a/${RUN_FILES.chaos}`)).sort();
  return keys.map((key) =>
    chaosOrderSchema.parse(JSON.parse(Buffer.from(store.objects.get(key) ?? []).toString())),
  );
}

describe('chaos orders', () => {
  it('follow from the seed alone', () => {
    const draw = (seed: number) =>
      Array.from({ length: 40 }, (_, i) => drawOrder({ ...PLAN, seed }, i + 1, NOW));
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    assert.deepEqual(new Set(draw(7).map(({ what }) => what)), new Set(PLAN.faults));
    for (const drawn of draw(7)) chaosOrderSchema.parse(drawn);
  });

  it('name the worker, but for faults that hit whomever they find', () => {
    const aimed = (what: ChaosOrder['what']) =>
      drawOrder({ ...PLAN, faults: [what], worker: 'w1' }, 1, NOW).worker;
    assert.equal(aimed('kill-worker'), 'w1');
    assert.equal(aimed('pause-worker'), 'w1');
    assert.equal(aimed('kill-coordinator'), null);
    assert.equal(aimed('kill-during-checkpoint'), null);
  });

  it('have names that sort by time', () => {
    const keys = [1, 2, 10].map((count) => orderKey('a', drawOrder(PLAN, count, NOW), count));
    assert.equal(keys[0], 'a/control/chaos/2026-03-01T12:00:00.000Z-000001.json');
    assert.deepEqual([...keys].sort(), keys);
  });

  it('are given at each interval until the time is up', async () => {
    const store = await runningRun();
    const heard: ChaosOrder[] = [];
    const { count } = await order(store, PLAN, never, (given) => heard.push(given)).ended;
    assert.ok(count >= 1 && count <= 10, `${count} orders`);
    assert.deepEqual(storedOrders(store), heard);
    const drawn = heard.map(({ what, draw }) => ({ what, draw }));
    const expected = heard
      .map((_, i) => drawOrder(PLAN, i + 1, NOW))
      .map(({ what, draw }) => ({ what, draw }));
    assert.deepEqual(drawn, expected);
  });

  it('end with the run', async () => {
    const store = await runningRun();
    const { ended } = order(store, { ...PLAN, forMs: null }, never, () => {
      void putRun(store, statusOf('a', { state: 'done' }, new Date()));
    });
    const { count, record } = await ended;
    assert.deepEqual([count, record?.state], [1, 'done']);
    const gone = await order(new MemoryStore(), PLAN).ended;
    assert.deepEqual(gone, { count: 0, record: null });
  });

  it('are held back while there is no coordinator, and end if none comes back', async () => {
    const store = new MemoryStore();
    await putRun(store, statusOf('a', { updatedAt: secondsBefore(new Date(), 60) }, new Date()));
    const { ended, heldBack } = order(store, PLAN);
    assert.equal((await ended).count, 0);
    assert.deepEqual(storedOrders(store), []);
    assert.match(heldBack[0], /^held back: its coordinator has not been heard of for 60 s/);
    await putRun(store, statusOf('a', { updatedAt: secondsBefore(new Date(), 400) }, new Date()));
    await assert.rejects(order(store, PLAN).ended, {
      code: 'wait-timeout',
      message: /^nobody is there to be hit/,
    });
  });

  it('end when they are interrupted', async () => {
    const controller = new AbortController();
    const { ended } = order(await runningRun(), { ...PLAN, everyMs: 60_000 }, controller.signal);
    controller.abort();
    await assert.rejects(ended, { name: 'AbortError' });
  });
});
