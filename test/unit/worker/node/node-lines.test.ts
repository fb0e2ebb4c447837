import assert from 'node:assert/strict';
import { parseLogLine } from '@bagfleet/proto';
import { NodeLines } from '@bagfleet/worker/node/node-lines';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');

describe('a line of a worker in a pod with several', () => {
  it('stays as it is when it tells already whose it is', () => {
    const own = { time: '2026-03-01T12:00:00.000Z', level: 'info', run: 'r', worker: 'w3', message: 'ready' };
    const line = JSON.stringify(own);
    assert.equal(new NodeLines('r', 'w3').written(line, 'warn'), line);
  });

  it('is wrapped when it does not: native code, a stack, JSON of another kind', () => {
    const lines = new NodeLines('r', 'w3', () => NOON);
    for (const line of ['E0000 cuda_dnn.cc:1 no "cuDNN"', '    at a.js:1', '{"worker":"w3"}', '']) {
      const { level, run, worker, message } = parseLogLine(lines.written(line, 'warn')) ?? {};
      assert.deepEqual([level, run, worker, message], ['warn', 'r', 'w3', line]);
    }
  });

  it('is later than the one before, so that a coordinator knows which it has', () => {
    const lines = new NodeLines('r', 'w0', () => NOON);
    const ahead = { time: '2026-03-01T12:00:05.000Z', level: 'info', run: 'r', worker: 'w0', message: '' };
    const timeOf = (line: string) => parseLogLine(line)?.time ?? '';
    const first = timeOf(lines.written('a', 'info'));
    const second = timeOf(lines.written('b', 'info'));
    lines.written(JSON.stringify(ahead), 'info');
    const third = timeOf(lines.written('c', 'info'));
    assert.ok(first < second && ahead.time < third, `${first} ${second} ${third}`);
  });

  it('tells how a process ended, to people and to the coordinator', () => {
    const lines = new NodeLines('r', 'w3');
    const killed = parseLogLine(lines.ended('uid/3.1', { code: null, signal: 'SIGKILL' }, 2000));
    assert.equal(killed?.message, 'w3 ended by SIGKILL; it is started again in 2 s');
    assert.deepEqual(killed?.ended, { process: 'uid/3.1', code: null, signal: 'SIGKILL' });
    const done = parseLogLine(lines.ended('uid/3.2', { code: 0, signal: null }, null));
    assert.deepEqual([done?.level, done?.message], ['info', 'w3 ended with exit code 0']);
    const letGo = parseLogLine(lines.ended('uid/3.3', { code: 143, signal: null }, 5000));
    assert.equal(letGo?.message, 'w3 ended with exit code 143', 'most often the whole pod goes');
  });
});
