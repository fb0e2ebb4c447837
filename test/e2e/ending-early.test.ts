/**
 * What ends a run before its time, with real processes that are really killed: a worker's death, its silence,
 * a cancel, Ctrl-C and SIGTERM. Always a clear word within seconds, never a hang, nothing left behind.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RunStatus } from '@bagfleet/proto';
import { runCli } from '../support/run-cli.js';
import { childrenOf, endProcess, untilStatus } from '../support/run-processes.js';
import { tempFolder } from '../support/temp-folder.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { type FinishedRun, SKEWED_TRAIN, SKEWED_VAL, submitJob } from '../support/trained-run.js';

describe('a run that ends before its time', function () {
  this.timeout(60_000);
  const temp = tempFolder();
  const runs = () => join(temp.path, 'runs');

  /** Starts a run that would take minutes, does something to it when it trains, waits for its end. */
  async function disturb(
    act: (status: RunStatus) => unknown,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<{ run: FinishedRun; seconds: number }> {
    const { path } = await writeTinyDataset(
      join(temp.path, 'data'),
      { train: SKEWED_TRAIN, val: SKEWED_VAL },
      16,
    );
    const submitted = submitJob(runs(), path, { 'fleet.workers': 3, 'train.epochs': 10_000, ...fields });
    const status = await untilStatus(runs(), (now) => now.state === 'running' && now.step > 1);
    const disturbed = performance.now();
    await act(status);
    const run = await submitted;
    return { run, seconds: (performance.now() - disturbed) / 1000 };
  }

  /** A fleet that may not lose anybody: what was lost is not started again. */
  const UNFORGIVING = { 'fleet.restarts': 0, 'fleet.minWorkers': 3 };

  it('names a killed worker, its signal and its last lines, within 10 s, with exit code 1', async () => {
    const { run, seconds } = await disturb(
      ({ run: id }) => endProcess(childrenOf(id, 'w1')[0], 'SIGKILL'),
      UNFORGIVING,
    );
    assert.equal(run.code, 1);
    assert.match(run.stderr, /worker w1: was killed by SIGKILL in epoch \d+/);
    assert.match(run.stderr, /its last lines:\n\s+.*trains as rank 1 of 3/s);
    assert.equal(run.status.state, 'failed');
    assert.equal(run.status.error?.code, 'worker-lost');
    assert.ok(seconds < 10, `it took ${seconds} s`);
  });

  it('names a worker that falls silent (SIGSTOP) and ends it', async () => {
    const { run, seconds } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'w2')[0], 'SIGSTOP'), {
      ...UNFORGIVING,
      'fleet.heartbeatTimeout': 3,
    });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /w2.*not heard for/);
    assert.ok(seconds < 15, `it took ${seconds} s`);
  });

  it('ends within seconds when its workers cannot even start, with their last lines', async () => {
    const { path } = await writeTinyDataset(join(temp.path, 'data'), { train: [3, 4], val: [2, 2] }, 4);
    const started = performance.now();
    const environment = { TF_CPP_MIN_LOG_LEVEL: '0', BAGFLEET_FAULTS: join(temp.path, 'no-such-file.json') };
    const run = await submitJob(runs(), path, { 'fleet.workers': 1 }, { env: environment });
    assert.equal(run.status.state, 'failed');
    assert.match(run.stderr, /no-such-file/);
    assert.ok(performance.now() - started < 30_000);
  });

  it('ends within seconds of `bagfleet cancel`, with exit code 130 for who follows it', async () => {
    const { run } = await disturb(async ({ run: id }) => {
      const { code, stdout } = await runCli(['cancel', id, '--store', runs()]);
      assert.equal(code, 0);
      assert.match(stdout, /cancelled/);
    });
    assert.equal(run.code, 130);
    assert.equal(run.status.state, 'cancelled');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`is cancelled by ${signal} to a follower without a terminal`, async () => {
      const { run } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'follower')[0], signal));
      assert.equal(run.code, 130);
      assert.equal(run.status.state, 'cancelled');
    });
});
