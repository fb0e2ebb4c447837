import assert from 'node:assert/strict';
import { GrowingText } from '@bagfleet/orchestrator/registry/growing-text';
import { RunLogs } from '@bagfleet/orchestrator/registry/run-logs';
import fc from 'fast-check';
import { MemoryStore } from '../../../support/memory-store.js';
import { putText } from '../../../support/run-folder.js';

describe('a growing text', () => {
  it('gives every line once, however it grows, also in the middle of a letter', async () => {
    const text = fc
      .array(fc.constantFrom('a', 'é', '🙂', '\n'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat({ max: 120 }), { maxLength: 6 }), async (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const store = new MemoryStore();
        const growing = new GrowingText(store, 'log');
        const lines: string[] = [];
        for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
          store.objects.set('log', bytes.subarray(0, cut));
          lines.push(...(await growing.newLines()));
        }
        const expected = whole.split('\n');
        assert.deepEqual([...lines, growing.unfinishedLine() ?? ''], expected);
      }),
    );
  });

  it('reads only what is new', async () => {
    const store = new MemoryStore();
    const growing = new GrowingText(store, 'log');
    await putText(store, 'log', 'one\n');
    await growing.newLines();
    await putText(store, 'log', 'one\ntwo\n');
    assert.deepEqual(await growing.newLines(), ['two']);
    assert.deepEqual(await growing.newLines(), []);
    assert.deepEqual(
      store.calls.filter((call) => call.startsWith('get')),
      ['get log 0+4', 'get log 4+4'],
    );
  });

  it('begins again when the object was written anew', async () => {
    const store = new MemoryStore();
    const growing = new GrowingText(store, 'log');
    await putText(store, 'log', 'one\ntwo\nthr');
    assert.deepEqual(await growing.newLines(), ['one', 'two']);
    await putText(store, 'log', 'uno\n');
    assert.deepEqual(await growing.newLines(), ['uno']);
    assert.equal(growing.unfinishedLine(), null);
  });

  it('has no lines while there is no object', async () => {
    assert.deepEqual(await new GrowingText(new MemoryStore(), 'log').newLines(), []);
  });
});

describe("a run's logs", () => {
  it('name their workers and tell their lines apart', async () => {
    const store = new MemoryStore();
    await putText(store, 'a/logs/w1.log', 'from w1\n');
    await putText(store, 'a/logs/w0.log', 'from w0\nnot finis');
    await putText(store, 'a/logs/notes.txt', 'no log\n');
    await putText(store, 'ab/logs/w9.log', 'another run\n');
    const logs = new RunLogs(store, 'a');
    assert.deepEqual(await logs.workers(), ['w0', 'w1']);
    assert.deepEqual(await logs.newLines(['w0', 'w1'], false), [
      { worker: 'w0', line: 'from w0' },
      { worker: 'w1', line: 'from w1' },
    ]);
    assert.deepEqual(await logs.newLines(['w0', 'w1'], true), [{ worker: 'w0', line: 'not finis' }]);
  });
});
