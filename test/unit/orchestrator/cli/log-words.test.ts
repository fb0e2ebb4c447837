import assert from 'node:assert/strict';
import { logWords } from '@bagfleet/orchestrator/cli/log-words';

const LINE = { time: '2026-03-01T12:00:00.123Z', level: 'error', run: 'r', worker: 'w0' };

describe('a line of a log', () => {
  it('is shown as it is, if it is plain', () => {
    for (const line of ['trains as rank 0', '', '{"no": "line of ours"}', '{broken'])
      assert.deepEqual(logWords(line, true), [line]);
  });

  it('is its message, if it is JSON, each line with its time where that is wanted', () => {
    const line = JSON.stringify({ ...LINE, message: 'bag b3: broken\n  Mend it.' });
    assert.deepEqual(logWords(line, false), ['bag b3: broken', '  Mend it.']);
    assert.deepEqual(logWords(line, true), [
      '2026-03-01T12:00:00.123Z bag b3: broken',
      '2026-03-01T12:00:00.123Z   Mend it.',
    ]);
  });

  it('has the stack of a mistake of ours below it', () => {
    const line = JSON.stringify({
      ...LINE,
      message: 'TypeError: x is no function',
      error: 'TypeError: x is no function\n    at here (a.ts:1)\n    at there (b.ts:2)',
    });
    assert.deepEqual(logWords(line, false), [
      'TypeError: x is no function',
      '    at here (a.ts:1)',
      '    at there (b.ts:2)',
    ]);
  });
});
