import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

function failWith(expression: string, json: boolean) {
  const script = `
    import { reportFailure } from '@bagfleet/orchestrator/cli/failure';
    import { BagfleetError } from '@bagfleet/proto';
    process.exitCode = reportFailure(${expression}, ${json});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('a command that fails', function () {
  this.timeout(30_000);

  it('with what a user can mend says so without a stack', () => {
    const { code, stdout, stderr } = failWith(
      `new BagfleetError('bag-empty', 'has no instances', { culprit: 'bag b1', hint: 'Take it out.' })`,
      false,
    );
    assert.deepEqual([code, stdout, stderr], [2, '', 'bag b1: has no instances\n  Take it out.\n']);
  });

  it('after it began to run gives 1, interrupted 130', () => {
    assert.equal(failWith(`new BagfleetError('worker-lost', 'w1 is gone')`, false).code, 1);
    assert.equal(failWith(`new BagfleetError('interrupted', 'interrupted')`, false).code, 130);
  });

  it('with our mistake shows the whole stack and says whose it is', () => {
    const { code, stdout, stderr } = failWith(`new TypeError('x is not a function')`, true);
    assert.equal(code, 70);
    assert.match(stderr, /^TypeError: x is not a function\n {4}at /);
    assert.match(stderr, /this is a bug in bagfleet/);
    assert.deepEqual(JSON.parse(stdout), { error: { code: 'bug', message: 'x is not a function' } });
  });
});
