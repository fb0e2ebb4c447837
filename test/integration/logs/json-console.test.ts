/** The console of a real process, taken over as the entry points of pods do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type LogLine, parseLogLine } from '@bagfleet/proto';

const SCRIPT = `
  import { speakAsAsked } from '@bagfleet/worker/json-console';
  speakAsAsked('w3');
  for (let i = 0; i < 50; i++) console.log('line', i);
  console.debug('two\\nlines');
  console.warn('careful');
  console.error(new RangeError('too far'));
  process.stderr.write('native words\\n');
`;

function speak(environment: Record<string, string>): { out: string[]; err: string[] } {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    encoding: 'utf8',
    timeout: 15_000,
  });
  assert.equal(status, 0, stderr);
  return { out: stdout.trimEnd().split('\n'), err: stderr.trimEnd().split('\n') };
}

describe('the console of a process', () => {
  it('writes JSON lines, none at the same time as another, where it is told to', () => {
    const { out, err } = speak({ BAGFLEET_LOG_FORMAT: 'json', BAGFLEET_RUN: 's3://bucket/runs/mnist-1/' });
    assert.equal(err.pop(), 'native words');
    const lines = [...out, ...err].map((line) => parseLogLine(line) as LogLine);
    assert.equal(lines.length, 53);
    assert.ok(lines.every(({ run, worker }) => run === 'mnist-1' && worker === 'w3'));
    assert.deepEqual(
      lines.slice(49).map(({ level, message }) => [level, message]),
      [
        ['info', 'line 49'],
        ['info', 'two\nlines'],
        ['warn', 'careful'],
        ['error', 'RangeError: too far'],
      ],
    );
    const times = lines.map(({ time }) => time);
    assert.deepEqual(times, [...new Set(times)].sort());
    assert.match(lines[52].error ?? '', /^RangeError: too far\n\s+at /);
  });

  it('stays as it is otherwise', () => {
    const { out, err } = speak({ BAGFLEET_LOG_FORMAT: '' });
    assert.deepEqual(out.slice(49), ['line 49', 'two', 'lines']);
    assert.equal(err[0], 'careful');
  });
});
