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

  it('names a killed worker, its signal and its last lines, within 10 s, with exit code 1', async () => {
    const { run, seconds } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'w1')[0], 'SIGKILL'));
    assert.equal(run.code, 1);
    assert.match(run.stderr, /worker w1: was killed by SIGKILL in epoch \d+/);
    assert.match(run.stderr, /its last lines:\n\s+.*trains as rank 1 of 3/s);
    assert.equal(run.status.state, 'failed');
    assert.equal(run.status.error?.code, 'worker-lost');
    assert.ok(seconds < 10, `it took ${seconds} s`);
  });

  it('names a worker that falls silent (SIGSTOP) and ends it', async () => {
    const { run, seconds } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'w2')[0], 'SIGSTOP'), {
      'fleet.heartbeatTimeout': 3,
      'fleet.heartbeatInterval': 0.5,
    });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /w2/);
    assert.match(run.stderr, /not heard for|waited/);
    assert.ok(seconds < 15, `it took ${seconds} s`);
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

  it('ends in good order when its coordinator gets SIGTERM, and is not a success', async () => {
    const { run } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'coordinator')[0], 'SIGTERM'));
    assert.equal(run.code, 130);
    assert.equal(run.status.state, 'interrupted');
  });

  it('does not hang when its coordinator is killed: the workers leave, and the follower says so', async () => {
    const { run } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'coordinator')[0], 'SIGKILL'));
    assert.equal(run.code, 1);
    assert.match(run.stderr, /its coordinator ended without a verdict/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`is cancelled by ${signal} to a follower without a terminal`, async () => {
      const { run } = await disturb(({ run: id }) => endProcess(childrenOf(id, 'follower')[0], signal));
      assert.equal(run.code, 130);
      assert.equal(run.status.state, 'cancelled');
    });
});
