/** The recorder keeps the run's folder; a store that fails for a while costs nothing but time. */
import assert from 'node:assert/strict';
import { RunRecorder } from '@bagfleet/orchestrator/coordinator/run-recorder';
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';

const STATUS = { run: 'r', state: 'running' } as RunStatus;

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

describe('RunRecorder', () => {
  it('writes all that it was told, the status last', async () => {
    const store = new MemoryStore();
    const order: string[] = [];
    const put = store.put.bind(store);
    store.put = (key, ...rest) => {
      order.push(key);
      return put(key, ...rest);
    };
    const recorder = new RunRecorder(store, () => STATUS);
    recorder.event({ time: 't', event: 'a', message: 'one' });
    recorder.log('w0', 'first');
    recorder.log('w0', 'second');
    await recorder.finish();
    assert.equal(order.at(-1), RUN_FILES.status);
    assert.equal(textOf((await store.get(`${RUN_FILES.logs}w0.log`)).bytes), 'first\nsecond\n');
    assert.match(textOf((await store.get(RUN_FILES.events)).bytes), /"message":"one"/);
    assert.match(textOf((await store.get(RUN_FILES.status)).bytes), /"updatedAt"/);
  });

  it('keeps what a failing store refused and writes it later', async () => {
    const store = new MemoryStore();
    const put = store.put.bind(store);
    let failing = true;
    store.put = (...args) => (failing ? Promise.reject(new Error('the store is away')) : put(...args));
    const recorder = new RunRecorder(store, () => STATUS);
    recorder.log('w0', 'line');
    await recorder.flushStatus();
    assert.equal(recorder.complaint, 'the store is away');
    await assert.rejects(recorder.finish(), /the store is away/);
    failing = false;
    await recorder.finish();
    assert.equal(textOf((await store.get(`${RUN_FILES.logs}w0.log`)).bytes), 'line\n');
  });
});
