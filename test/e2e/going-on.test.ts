/**
 * A run that is disturbed goes on, and ends with the same bits as one worker that nobody disturbed: real processes,
 * really killed, stopped and told to go. After each, the audit proves that every bag counted once.
 * More of it: test/long/going-on.test.ts.
 */
import assert from 'node:assert/strict';
import { disturbedRuns } from '../support/disturbed-runs.js';
import { childrenOf, endProcess } from '../support/run-processes.js';
import { eventsOf } from '../support/trained-run.js';

describe('a run that is disturbed', function () {
  this.timeout(90_000);
  const runs = disturbedRuns();

  it('survives a killed worker, which is named and started again', async () => {
    const run = await runs.disturb(({ run: id }) => endProcess(childrenOf(id, 'w1')[0], 'SIGKILL'));
    await runs.assertUndisturbed(run);
    const events = eventsOf(run).map(({ event, message }) => `${event}: ${message}`);
    assert.ok(
      events.some((line) => /w1.*SIGKILL/.test(line)),
      events.join('\n'),
    );
  });

  it('survives a worker that falls silent', async () => {
    const run = await runs.disturb(({ run: id }) => endProcess(childrenOf(id, 'w2')[0], 'SIGSTOP'), {
      'fleet.heartbeatTimeout': 1.5,
    });
    await runs.assertUndisturbed(run);
    assert.ok(eventsOf(run).some(({ message }) => /w2.*not heard/.test(message)));
  });

  it('survives its coordinator', async () => {
    const run = await runs.disturb(({ run: id }) => endProcess(childrenOf(id, 'coordinator')[0], 'SIGKILL'));
    await runs.assertUndisturbed(run);
  });

  it('that is told to stop (SIGTERM) keeps a checkpoint, and is resumed on another number of workers', async () => {
    const stopped = await runs.disturb(({ run: id }) =>
      endProcess(childrenOf(id, 'coordinator')[0], 'SIGTERM'),
    );
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.equal(stopped.status.state, 'interrupted');
    await runs.assertResumes(stopped, 2);
  });
});
