/** What a log line says. */
import assert from 'node:assert/strict';
import { parseLogLine, spokenLines } from '@bagfleet/proto';
import { logLine } from '@bagfleet/worker/json-console';
import fc from 'fast-check';

const WHO = { run: 'mnist-1', worker: 'w0' };
const TIME = new Date('2026-03-01T12:00:00.123Z');

describe('a log line in JSON', () => {
  it('has time, level, run, worker and what the console would have written', () => {
    assert.deepEqual(logLine('info', ['%s of %d', 'a', 3, 'more'], WHO, TIME), {
      time: '2026-03-01T12:00:00.123Z',
      level: 'info',
      ...WHO,
      message: 'a of 3 more',
    });
  });

  it('has the stack of an error that comes as such', () => {
    const error = new TypeError('x is no function');
    const line = logLine('error', ['in the thread:', error], WHO, TIME);
    assert.equal(line.message, 'in the thread: TypeError: x is no function');
    assert.match(line.error ?? '', /^TypeError: x is no function\n\s+at .*json-console\.test/);
  });

  it('is one line, whatever is said, and reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const line = logLine('warn', [message], WHO, TIME);
        const text = JSON.stringify(line);
        assert.ok(!text.includes('\n'));
        assert.deepEqual(parseLogLine(text), line);
        assert.equal(spokenLines(text).join('\n'), message);
      }),
    );
  });

  it('is told from other lines, which people read as they are', () => {
    for (const other of ['', 'plain', '{"epoch":1}', '{"time":1,"level":"info"}', '{']) {
      assert.equal(parseLogLine(other), null);
      assert.deepEqual(spokenLines(other), [other]);
    }
  });
});
