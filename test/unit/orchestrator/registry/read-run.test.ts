import assert from 'node:assert/strict';
import { LOST_AFTER_SECONDS, readRun } from '@bagfleet/orchestrator/registry/read-run';
import { FINAL_STATES, RUN_STATES } from '@bagfleet/proto';
import fc from 'fast-check';
import { MemoryStore } from '../../../support/memory-store.js';
import { NOW, putRun, putText, secondsBefore, statusOf } from '../../../support/run-folder.js';

async function stateOf(silent: number, state: (typeof RUN_STATES)[number]) {
  const store = new MemoryStore();
  await putRun(store, statusOf('a', { state, updatedAt: secondsBefore(NOW, silent) }));
  return readRun(store, 'a', NOW);
}

describe('read a run', () => {
  it('shows a run that nobody renews as lost, unless it is over', async () => {
    for (const state of RUN_STATES) {
      const over = FINAL_STATES.includes(state);
      assert.equal((await stateOf(LOST_AFTER_SECONDS, state))?.state, state);
      assert.equal((await stateOf(LOST_AFTER_SECONDS + 1, state))?.state, over ? state : 'lost');
    }
    assert.equal((await stateOf(95, 'running'))?.problem, 'its coordinator has not been heard of for 95 s');
  });

  it('is nothing for a folder that is no run', async () => {
    const store = new MemoryStore();
    await putText(store, 'data/manifest.json', '{}');
    assert.equal(await readRun(store, 'data', NOW), null);
    assert.equal(await readRun(store, 'nothing', NOW), null);
  });

  it('tells that nobody has begun with what was submitted', async () => {
    const store = new MemoryStore();
    await putText(store, 'a/job.json', '{}');
    assert.deepEqual(await readRun(store, 'a', NOW), {
      run: 'a',
      state: 'starting',
      status: null,
      problem: 'its coordinator has not begun yet',
    });
  });

  it('names the version of a run that another bagfleet wrote', async () => {
    const store = new MemoryStore();
    await putText(
      store,
      'a/status.json',
      JSON.stringify({ ...statusOf('a'), schemaVersion: 7, state: 'paused' }),
    );
    assert.match(
      (await readRun(store, 'a', NOW))?.problem ?? '',
      /version 7 of the format, this bagfleet reads 1/,
    );
  });

  it('names the field of a status that is not valid', async () => {
    const store = new MemoryStore();
    await putText(store, 'a/status.json', JSON.stringify({ ...statusOf('a'), epoch: 'three' }));
    assert.equal((await readRun(store, 'a', NOW))?.problem, 'its status.json is not valid (epoch)');
  });

  it('never throws, whatever stands in status.json', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json(), fc.string(), fc.constant(JSON.stringify(statusOf('a')).slice(0, 100))),
        async (text) => {
          const store = new MemoryStore();
          await putText(store, 'a/status.json', text);
          assert.equal((await readRun(store, 'a', NOW))?.state, 'unreadable');
        },
      ),
    );
  });

  it('passes on what the store refuses', async () => {
    const store = new MemoryStore();
    store.get = () => Promise.reject(new Error('denied'));
    await assert.rejects(readRun(store, 'a', NOW), /denied/);
  });
});
