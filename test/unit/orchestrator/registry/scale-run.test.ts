import assert from 'node:assert/strict';
import { requestScale, waitUntilScaled } from '@bagfleet/orchestrator/registry/scale-run';
import { BagfleetError, RUN_FILES, type RunStatus, scaleRequestSchema } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';
import { putRun, secondsBefore, statusOf } from '../../../support/run-folder.js';

const never = new AbortController().signal;

async function runWith(changes: Partial<RunStatus>): Promise<MemoryStore> {
  const store = new MemoryStore();
  await putRun(store, statusOf('a', changes, new Date()));
  return store;
}

function wait(store: MemoryStore, changes: { seconds?: number; signal?: AbortSignal } = {}) {
  const seen: number[] = [];
  const onStatus = ({ workers }: RunStatus) => seen.push(workers);
  const waiting = waitUntilScaled(store, 'a', {
    workers: 4,
    seconds: 60,
    onStatus,
    signal: never,
    ...changes,
  });
  return { seen, waiting };
}

async function refusal({ waiting }: { waiting: Promise<unknown> }): Promise<BagfleetError> {
  const thrown = await waiting.then(
    () => assert.fail('it had them'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  assert.equal(thrown.code, 'wait-timeout');
  return thrown;
}

describe('scale a run', () => {
  it('leaves a request that the coordinator finds; the last one holds', async () => {
    const store = new MemoryStore();
    const now = new Date();
    await requestScale(store, 'a', 3, now);
    await requestScale(store, 'a', 4, now);
    const { bytes } = await store.get(`a/${RUN_FILES.scale}`);
    const request = scaleRequestSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
    assert.deepEqual(request, { schemaVersion: 1, workers: 4, requestedAt: now.toISOString() });
  });

  it('waits until the run has so many workers', async () => {
    const store = await runWith({ workers: 2 });
    const { waiting, seen } = wait(store);
    await putRun(store, statusOf('a', { workers: 4 }, new Date()));
    assert.equal((await waiting).status?.workers, 4);
    assert.deepEqual(seen.at(-1), 4);
  });

  it('says what it has when the time is up', async () => {
    const store = await runWith({ workers: 2, state: 'waiting', phase: 'w1 is started again' });
    assert.match(
      (await refusal(wait(store, { seconds: 0 }))).describe(),
      /^run a: had no 4 workers within 0 s; it has 2: w1 is started again\n {2}The request stands/,
    );
  });

  it('does not wait for a run that is over or that nobody runs', async () => {
    const over = await runWith({ workers: 4, state: 'done' });
    assert.match((await refusal(wait(over))).message, /^was over \(done\) before it had 4 workers/);
    const lost = await runWith({ workers: 4, updatedAt: secondsBefore(new Date(), 100) });
    assert.match((await refusal(wait(lost))).message, /^can't be scaled: .* not been heard of for 100 s/);
    assert.match((await refusal(wait(new MemoryStore(), { seconds: 0 }))).message, /its folder is gone/);
  });

  it('ends when it is interrupted', async () => {
    const controller = new AbortController();
    const { waiting } = wait(await runWith({ workers: 2 }), { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});
