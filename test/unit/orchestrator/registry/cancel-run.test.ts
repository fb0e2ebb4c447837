import assert from 'node:assert/strict';
import { requestCancel, waitUntilOver } from '@bagfleet/orchestrator/registry/cancel-run';
import { BagfleetError, RUN_FILES } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';
import { putRun, secondsBefore, statusOf } from '../../../support/run-folder.js';

const never = new AbortController().signal;

async function refusal(waiting: Promise<unknown>): Promise<BagfleetError> {
  const thrown = await waiting.then(
    () => assert.fail('it ended'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  return thrown;
}

describe('cancel a run', () => {
  it('leaves a request that the coordinator finds, as often as it is asked', async () => {
    const store = new MemoryStore();
    const now = new Date();
    await requestCancel(store, 'a', now);
    await requestCancel(store, 'a', now);
    const { bytes } = await store.get(`a/${RUN_FILES.cancel}`);
    assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), {
      schemaVersion: 1,
      requestedAt: now.toISOString(),
    });
  });

  it('waits until the run is over', async () => {
    const store = new MemoryStore();
    const now = new Date();
    await putRun(store, statusOf('a', {}, now));
    const waiting = waitUntilOver(store, 'a', 60, never);
    await putRun(store, statusOf('a', { state: 'cancelled' }, now));
    assert.equal((await waiting).state, 'cancelled');
  });

  it('says what the run was doing when the time is up', async () => {
    const store = new MemoryStore();
    await putRun(store, statusOf('a', { phase: 'writing a checkpoint' }, new Date()));
    const error = await refusal(waitUntilOver(store, 'a', 0, never));
    assert.equal(error.code, 'wait-timeout');
    assert.match(error.describe(), /^run a: did not end within 0 s: writing a checkpoint/);
  });

  it('does not wait for a run that nobody runs', async () => {
    const store = new MemoryStore();
    const now = new Date();
    await putRun(store, statusOf('a', { updatedAt: secondsBefore(now, 100) }, now));
    assert.match(
      (await refusal(waitUntilOver(store, 'a', 60, never))).message,
      /not been heard of for 100 s/,
    );
  });

  it('ends when it is interrupted', async () => {
    const store = new MemoryStore();
    await putRun(store, statusOf('a', {}, new Date()));
    const controller = new AbortController();
    const waiting = waitUntilOver(store, 'a', 60, controller.signal);
    controller.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});
