/**
 * The recorder keeps the run's folder: a store that fails for a while costs nothing but time, and what another
 * coordinator wrote is never overwritten.
 */
import assert from 'node:assert/strict';
import type { Position } from '@bagfleet/orchestrator/coordinator/position';
import { RunRecorder } from '@bagfleet/orchestrator/coordinator/run-recorder';
import { ledgerFile, RUN_FILES, type RunStatus } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';

const STATUS = { run: 'r', state: 'running' } as RunStatus;
const W0_LOG = `${RUN_FILES.logs}w0.log`;

describe('RunRecorder', () => {
  let store: MemoryStore;
  let lease: { isHeld: boolean; isOurs: boolean };
  let stored: Position[];
  const recorders: RunRecorder[] = [];

  beforeEach(() => {
    store = new MemoryStore();
    lease = { isHeld: true, isOurs: true };
    stored = [];
  });
  afterEach(async () => {
    for (const recorder of recorders.splice(0)) await recorder.close();
  });

  function record(): RunRecorder {
    const recorder = new RunRecorder({
      store,
      tenure: { isHeld: () => lease.isHeld, renew: async () => {}, confirm: async () => lease.isOurs },
      status: () => STATUS,
      onStored: (upto) => stored.push(upto),
    });
    recorders.push(recorder);
    return recorder;
  }

  async function textOf(name: string): Promise<string> {
    return Buffer.from((await store.get(name)).bytes).toString('utf8');
  }

  it('writes all that it was told, the status last', async () => {
    const recorder = record();
    recorder.append(RUN_FILES.events, '{"message":"one"}');
    recorder.append(W0_LOG, 'first');
    recorder.append(W0_LOG, 'second');
    await recorder.finish();
    assert.equal(store.calls.filter((call) => call.startsWith('put')).at(-1), `put ${RUN_FILES.status}`);
    assert.equal(await textOf(W0_LOG), 'first\nsecond\n');
    assert.match(await textOf(RUN_FILES.events), /"message":"one"/);
    assert.match(await textOf(RUN_FILES.status), /"updatedAt"/);
  });

  it('keeps what a failing store refused and writes it later', async () => {
    const put = store.put.bind(store);
    let failing = true;
    store.put = (...args) => (failing ? Promise.reject(new Error('the store is away')) : put(...args));
    const recorder = record();
    recorder.append(W0_LOG, 'line');
    await recorder.flush();
    assert.equal(recorder.complaint, 'the store is away');
    assert.equal(recorder.failedWrites, 1);
    await assert.rejects(recorder.finish(), /the store is away/);
    failing = false;
    await recorder.finish();
    assert.equal(await textOf(W0_LOG), 'line\n');
  });

  it('goes on after the lines that an earlier coordinator left', async () => {
    await store.put(W0_LOG, Buffer.from('earlier\n'));
    const recorder = record();
    recorder.append(W0_LOG, 'later');
    await recorder.finish();
    assert.equal(await textOf(W0_LOG), 'earlier\nlater\n');
  });

  it('writes nothing while the lease is not held', async () => {
    lease.isHeld = false;
    const recorder = record();
    recorder.append(W0_LOG, 'line');
    await recorder.flush();
    await assert.rejects(recorder.finish(), /lease/);
    assert.equal(store.objects.size, 0);
  });

  it('steps back, changing nothing, when a file has changed and the lease is lost', async () => {
    const sleeper = record();
    sleeper.append(W0_LOG, 'before it slept');
    await sleeper.flush();
    const successor = record();
    successor.append(W0_LOG, 'by its successor');
    await successor.flush();
    lease.isOurs = false;
    sleeper.append(W0_LOG, 'after it woke up');
    await assert.rejects(sleeper.finish(), { code: 'lease-lost', culprit: W0_LOG });
    assert.equal(await textOf(W0_LOG), 'before it slept\nby its successor\n');
  });

  it('writes again when its own answer got lost and the lease is still its own', async () => {
    const recorder = record();
    recorder.append(W0_LOG, 'one');
    const put = store.put.bind(store);
    store.put = async (...args) => {
      await put(...args);
      store.put = put;
      throw new Error('the answer got lost');
    };
    await recorder.flush();
    recorder.append(W0_LOG, 'two');
    await recorder.finish();
    assert.equal(await textOf(W0_LOG), 'one\ntwo\n');
  });

  it('says that rows are stored once they really are, and at once when somebody waits', async () => {
    const recorder = record();
    const upto = { epoch: 1, step: 2 };
    recorder.append(RUN_FILES.metrics, '{}');
    recorder.append(ledgerFile(1), '{}');
    const put = store.put.bind(store);
    store.put = (key, ...rest) => {
      assert.deepEqual(stored, [], 'not before everything is there');
      return put(key, ...rest);
    };
    recorder.reached(upto, true);
    await recorder.close();
    assert.deepEqual(stored, [upto]);
    assert.ok(store.objects.has(ledgerFile(1)) && store.objects.has(RUN_FILES.metrics));
  });

  it('answers rows that come again, with the highest position that is stored', async () => {
    const recorder = record();
    recorder.reached({ epoch: 2, step: 5 }, true);
    await recorder.flush();
    recorder.reached({ epoch: 1, step: 1 }, true);
    await recorder.flush();
    assert.deepEqual(stored, [
      { epoch: 2, step: 5 },
      { epoch: 2, step: 5 },
    ]);
  });

  it('says nothing of rows that could not be written', async () => {
    const recorder = record();
    recorder.append(RUN_FILES.metrics, '{}');
    const put = store.put.bind(store);
    store.put = () => Promise.reject(new Error('the store is away'));
    recorder.reached({ epoch: 1, step: 1 }, true);
    await recorder.flush();
    assert.deepEqual(stored, []);
    store.put = put;
    await recorder.flush();
    assert.deepEqual(stored, [{ epoch: 1, step: 1 }]);
  });

  it('writes only the files that changed, and one for each epoch', async () => {
    const recorder = record();
    for (const epoch of [1, 2, 3, 4]) {
      recorder.append(ledgerFile(epoch), `row of ${epoch}`);
      await recorder.flush();
    }
    recorder.append(ledgerFile(1), 'a late row');
    await recorder.flush();
    const puts = store.calls.filter((call) => call.startsWith('put ledger/'));
    assert.deepEqual(
      puts,
      [1, 2, 3, 4, 1].map((epoch) => `put ${ledgerFile(epoch)}`),
    );
    assert.equal(await textOf(ledgerFile(1)), 'row of 1\na late row\n');
  });
});
