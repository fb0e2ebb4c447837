/**
 * More of what a run goes on after: scaling, chaos, a coordinator that sleeps, the end of all its processes. As in
 * test/e2e/going-on.test.ts it ends with the same bits as one worker that nobody disturbed.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { disturbedRuns } from '../support/disturbed-runs.js';
import { runCli } from '../support/run-cli.js';
import { childrenOf, endProcess, processesOf, untilStatus } from '../support/run-processes.js';
import { eventsOf } from '../support/trained-run.js';

describe('a run that is disturbed further', function () {
  this.timeout(90_000);
  const runs = disturbedRuns();

  it('lets a worker go that gets SIGTERM', async () => {
    const run = await runs.disturb(({ run: id }) => endProcess(childrenOf(id, 'w0')[0], 'SIGTERM'));
    await runs.assertUndisturbed(run);
  });

  it('follows another coordinator when the first one stops, which steps back when it wakes up', async () => {
    const run = await runs.disturb(async ({ run: id }) => {
      const [first] = childrenOf(id, 'coordinator');
      endProcess(first, 'SIGSTOP');
      await sleep(8000);
      endProcess(first, 'SIGCONT');
    });
    await runs.assertUndisturbed(run);
  });

  it('is scaled up and down while it trains', async () => {
    // On any machine it trains long enough to see both: the first worker rests in each step.
    const pace = join(runs.folder, 'pace.json');
    writeFileSync(pace, JSON.stringify([{ id: 'pace', act: 'pace', worker: 'w0', ms: 120 }]));
    const run = await runs.disturb(
      async ({ run: id }, store) => {
        for (const workers of ['3', '2']) {
          const { code, stderr } = await runCli(['scale', id, '--workers', workers, '--store', store]);
          assert.equal(code, 0, stderr);
        }
      },
      { 'fleet.workers': 1 },
      { BAGFLEET_FAULTS: pace },
    );
    await runs.assertUndisturbed(run);
  });

  it('survives `bagfleet chaos`, which says what it does', async () => {
    const run = await runs.disturb(
      async ({ run: id }, store) => {
        const what = [
          '--kill',
          'worker',
          '--kill',
          'coordinator',
          '--drop',
          'link',
          '--kill-during',
          'checkpoint',
        ];
        const when = ['--every', '1s', '--for', '5s', '--seed', '3'];
        const { code, stdout, stderr } = await runCli(['chaos', id, ...what, ...when, '--store', store]);
        assert.equal(code, 0, stderr);
        assert.ok(stdout.trim().split('\n').length >= 4, stdout);
      },
      { allowChaos: true },
    );
    await runs.assertUndisturbed(run);
    assert.ok(eventsOf(run).filter(({ event }) => event === 'chaos').length >= 4);
  });

  it('of which everything is killed is resumed from its last checkpoint', async () => {
    const killed = await runs.disturb(async ({ run: id }, store) => {
      await untilStatus(store, (now) => now.epoch > 10);
      for (const pid of childrenOf(id, 'keeper')) endProcess(pid, 'SIGKILL');
      for (const pid of processesOf(id)) endProcess(pid, 'SIGKILL');
    });
    assert.equal(killed.code, 1);
    await runs.assertResumes(killed, 2);
  });
});
