import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJob, RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { runBash, runCli } from '../../support/run-cli.js';
import { putRun, putText, secondsBefore, statusOf } from '../../support/run-folder.js';

const epochRow = (epoch: number, isBest: boolean) =>
  JSON.stringify({
    kind: 'epoch',
    epoch,
    trainLoss: 0.5 / epoch,
    validation: { auc: 0.9, loss: 0.4 },
    isBest,
    bagsPerSecond: 30,
    seconds: 6,
  });

describe('runs on the command line', function () {
  this.timeout(60_000);
  let folder: string;
  let store: ObjectStore;
  const cli = (...words: string[]) => runCli(words, { cwd: folder });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bagfleet-cli-'));
    store = await openStore(join(folder, 'runs'), parseJob({ data: { manifest: 'x' } }, 'x').store);
    const now = new Date();
    const done = {
      state: 'done',
      startedAt: secondsBefore(now, 900),
      endedAt: secondsBefore(now, 600),
      updatedAt: secondsBefore(now, 600),
    } as const;
    await putRun(store, statusOf('mnist-1', done, now));
    await putRun(
      store,
      statusOf('mnist-2', { updatedAt: secondsBefore(now, 100), startedAt: secondsBefore(now, 300) }, now),
    );
    await putRun(
      store,
      statusOf(
        'ucsb-1',
        {
          state: 'failed',
          startedAt: secondsBefore(now, 60),
          endedAt: secondsBefore(now, 30),
          error: {
            code: 'worker-lost',
            culprit: 'worker w1',
            message: 'ended with code 9',
            hint: 'See its log.',
          },
        },
        now,
      ),
    );
    await putText(store, 'mnist-1/metrics.jsonl', `${epochRow(1, false)}\n${epochRow(2, true)}\n`);
    await putText(store, 'mnist-1/logs/w0.log', 'zero one\nzero two\n');
    await putText(store, 'mnist-1/logs/w1.log', 'one one\nbroken off');
    await putText(store, 'data/manifest.json', '{}');
    await putText(store, 'half/job.json', '{}');
  });
  after(async () => {
    store.close();
    await rm(folder, { recursive: true });
  });

  it('are listed, newest first, with what became of them', async () => {
    const { code, stdout } = await cli('list');
    assert.equal(code, 0);
    const words = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/).slice(0, 2).join(' '));
    assert.deepEqual(words, [
      'RUN STATE',
      'ucsb-1 failed',
      'mnist-2 lost',
      'mnist-1 done',
      'half unreadable',
    ]);
    const runs = JSON.parse((await cli('list', '--json', '-n', '2')).stdout) as {
      run: string;
      state: string;
    }[];
    assert.deepEqual(
      runs.map(({ run, state }) => [run, state]),
      [
        ['ucsb-1', 'failed'],
        ['mnist-2', 'lost'],
      ],
    );
  });

  it('tell how they are doing', async () => {
    const { code, stdout } = await cli('status', 'mnist-1');
    assert.equal(code, 0);
    assert.match(stdout, /^mnist-1 {2}done\n/);
    assert.match(stdout, /best auc 0\.9530 \(epoch 2\)/);
    assert.match(stdout, /took 5m00s/);
    assert.match(stdout, /\n +2 +0\.2500 +0\.4000 +0\.9000 .*\*/);
    assert.match(
      (await cli('status')).stdout,
      /^ucsb-1 {2}failed\n[\s\S]*worker w1: ended with code 9\n {2}See its log\./,
    );
    assert.match(
      (await cli('status', 'mnist-2')).stdout,
      /lost\n {2}its coordinator has not been heard of for \d+ s/,
    );
    const { run, epochs } = JSON.parse((await cli('status', 'mnist-1', '--json')).stdout);
    assert.deepEqual([run, epochs.length], ['mnist-1', 2]);
  });

  it('are found in the store of the environment', async () => {
    const { code, stdout } = await runCli(['status', 'ucsb', '--json'], {
      cwd: tmpdir(),
      env: { BAGFLEET_STORE: join(folder, 'runs') },
    });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).state, 'failed');
  });

  it('show their logs, of all workers or of one', async () => {
    assert.equal(
      (await cli('logs', 'mnist-1')).stdout,
      '[w0] zero one\n[w0] zero two\n[w1] one one\n[w1] broken off\n',
    );
    assert.equal((await cli('logs', 'mnist-1', '-w', 'w1')).stdout, 'one one\nbroken off\n');
    assert.equal((await cli('logs', 'mnist-1', '--tail', '1')).stdout, '[w0] zero two\n[w1] broken off\n');
    const lines = (await cli('logs', 'mnist-1', '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines[3], { worker: 'w1', line: 'broken off' });
    const missing = await cli('logs', 'mnist-1', '-w', 'w7');
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^--worker w7: .*\n {2}.*There are: w0, w1/);
  });

  it('show the messages of workers on Kubernetes, whose lines are JSON', async () => {
    const facts = { level: 'info', run: 'pods-1', worker: 'w0' };
    const [first, second] = [
      { time: '2026-03-01T12:00:00.123Z', ...facts, message: 'trains as rank 0' },
      { time: '2026-03-01T12:00:01.456Z', ...facts, message: 'bag b3: broken\n  Mend it.' },
    ];
    await putRun(store, statusOf('pods-1', { state: 'done' }));
    const text = `${JSON.stringify(first)}\nnative words\n${JSON.stringify(second)}\n`;
    await putText(store, 'pods-1/logs/w0.log', text);
    assert.equal(
      (await cli('logs', 'pods-1')).stdout,
      '[w0] trains as rank 0\n[w0] native words\n[w0] bag b3: broken\n[w0]   Mend it.\n',
    );
    assert.match(
      (await cli('logs', 'pods-1', '--timestamps', '-w', 'w0')).stdout,
      /^2026-03-01T12:00:00\.123Z trains as rank 0\nnative words\n2026/,
    );
    const rows = (await cli('logs', 'pods-1', '--json')).stdout.trim().split('\n');
    assert.deepEqual(JSON.parse(rows[0]), { line: JSON.stringify(first), ...first });
    assert.deepEqual(JSON.parse(rows[1]), { worker: 'w0', line: 'native words' });
  });

  it('are followed until they are over', async () => {
    const run = 'follow-1';
    const renewed = () => putRun(store, statusOf(run, {}, new Date()));
    await renewed();
    await putText(store, `${run}/logs/w0.log`, 'first\n');
    const following = runCli(['logs', run, '-f'], { cwd: folder });
    await sleep(1500);
    await putText(store, `${run}/logs/w0.log`, 'first\nsecond\n');
    await putText(store, `${run}/logs/w1.log`, 'newcomer\nno end');
    await putRun(store, statusOf(run, { state: 'done' }, new Date()));
    const { code, stdout } = await following;
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split('\n').sort(), [
      '[w0] first',
      '[w0] second',
      '[w1] newcomer',
      '[w1] no end',
    ]);
    await removeRun(run);
  });

  it('are no longer followed when the reader leaves, or at Ctrl-C', async () => {
    const run = 'follow-2';
    await putRun(store, statusOf(run, { updatedAt: secondsBefore(new Date(), -3600) }, new Date()));
    await putText(store, `${run}/logs/w0.log`, 'first\nsecond\nthird\n');
    const writing = (async () => {
      for (let i = 0; i < 8; i++) {
        await sleep(1000);
        await putText(store, `${run}/logs/w0.log`, `first\nsecond\nthird\n${'more\n'.repeat(i + 1)}`);
      }
    })();
    const piped = await runBash(`bagfleet logs ${run} -f | head -1; echo "\${PIPESTATUS[0]}"`, {
      cwd: folder,
    });
    assert.equal(piped.stdout, '[w0] first\n0\n', piped.stderr);
    assert.equal(piped.stderr, '');
    const interrupted = await runCli(['logs', run, '-f'], {
      cwd: folder,
      onOutput: (_, kill) => kill('SIGINT'),
    });
    assert.equal(interrupted.code, 130);
    await writing;
    await removeRun(run);
  });

  it('are cancelled through the store, and waited for', async () => {
    const run = 'cancel-1';
    await putRun(store, statusOf(run, {}, new Date()));
    const cancelling = cli('cancel', run);
    while (!(await store.head(`${run}/${RUN_FILES.cancel}`))) await sleep(50);
    await putRun(store, statusOf(run, { state: 'cancelled' }, new Date()));
    const { code, stdout, stderr } = await cancelling;
    assert.deepEqual([code, stdout], [0, 'cancel-1 is over: cancelled\n'], stderr);
    assert.equal((await cli('cancel', run)).stdout, 'cancel-1 was over already: cancelled\n');
    await removeRun(run);
  });

  it('that do not end in time, or that nobody runs, are told', async () => {
    const run = 'cancel-2';
    await putRun(store, statusOf(run, { updatedAt: secondsBefore(new Date(), -3600) }, new Date()));
    const late = await cli('cancel', run, '--timeout', '0.1');
    assert.equal(late.code, 1);
    assert.match(late.stderr, /run cancel-2: did not end within 0\.1 s: training/);
    assert.match((await cli('cancel', run, '--timeout', '0')).stdout, /was asked to end/);
    await removeRun(run);
    const lost = await cli('cancel', 'mnist-2', '--json');
    assert.equal(lost.code, 1);
    assert.equal(JSON.parse(lost.stdout).error.code, 'wait-timeout');
  });

  async function removeRun(run: string): Promise<void> {
    for await (const { key } of store.list(`${run}/`)) await store.delete(key);
  }
});
