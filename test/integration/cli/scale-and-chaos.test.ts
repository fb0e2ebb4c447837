import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChaosOrder, chaosOrderSchema, parseJob, RUN_FILES, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { assertRefused, type CliOptions, runCli } from '../../support/run-cli.js';
import { putRun, putText, secondsBefore, statusOf } from '../../support/run-folder.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';

describe('a running run on the command line', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  let store: ObjectStore;
  const cli = (words: string[], options: CliOptions = {}) => runCli(words, { cwd: temp.path, ...options });

  before(async () => {
    store = await openStore(join(temp.path, 'runs'), parseJob({ data: { manifest: 'x' } }, 'x').store);
  });
  after(() => store.close());

  /** Its coordinator seems to live for an hour. */
  async function putLiving(run: string, changes: Partial<RunStatus> = {}, job: object = {}): Promise<void> {
    const updatedAt = secondsBefore(new Date(), -3600);
    await putRun(store, statusOf(run, { updatedAt, ...changes }, new Date()));
    await putText(store, `${run}/${RUN_FILES.job}`, JSON.stringify({ data: { manifest: 'm' }, ...job }));
  }

  async function ordersOf(run: string): Promise<ChaosOrder[]> {
    const orders: ChaosOrder[] = [];
    for await (const { key } of store.list(`${run}/${RUN_FILES.chaos}`))
      orders.push(chaosOrderSchema.parse(JSON.parse(Buffer.from((await store.get(key)).bytes).toString())));
    return orders;
  }

  describe('is scaled', () => {
    it('through the store, and waited for', async () => {
      await putLiving('scale-1');
      const scaling = cli(['scale', 'scale-1', '--workers', '4']);
      while (!(await store.head(`scale-1/${RUN_FILES.scale}`))) await sleep(50);
      await putLiving('scale-1', { workers: 4 });
      const { code, stdout, stderr } = await scaling;
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^scale-1 has 4 workers after \d+s: running\n$/);
      assert.match(stderr, /^Asked scale-1 for 4 workers \(it has 2\); waiting\.\nepoch 3\/30/);
    });

    it('without waiting, as words and as JSON', async () => {
      await putLiving('scale-2');
      const asked = await cli(['scale', 'scale-2', '--workers', '1', '--no-wait']);
      assert.deepEqual([asked.code, asked.stdout], [0, 'Asked scale-2 for 1 worker (it has 2).\n']);
      const json = await cli(['scale', 'scale-2', '--workers', '2', '--json']);
      const { run, asked: workers, status } = JSON.parse(json.stdout);
      assert.deepEqual([run, workers, status.workers, json.stderr], ['scale-2', 2, 2, '']);
    });

    it('and told if it does not come to that', async () => {
      await putLiving('scale-3');
      const late = await cli(['scale', 'scale-3', '--workers', '9', '--timeout', '0.1']);
      assert.equal(late.code, 1);
      assert.match(late.stderr, /run scale-3: had no 9 workers within 0\.1 s; it has 2: training/);
      await putLiving('scale-4', { updatedAt: secondsBefore(new Date(), 100) });
      const lost = await cli(['scale', 'scale-4', '--workers', '9', '--json']);
      assert.equal(lost.code, 1);
      assert.equal(JSON.parse(lost.stdout).error.code, 'wait-timeout');
    });

    it('unless it is over, or the number is none', async () => {
      await putLiving('scale-5', { state: 'cancelled' });
      assertRefused(
        await cli(['scale', 'scale-5', '--workers', '4']),
        /^run scale-5: is over \(cancelled\): it has no workers any more/,
      );
      assert.equal(await store.head(`scale-5/${RUN_FILES.scale}`), null);
      await putLiving('scale-6', {}, { fleet: { minWorkers: 2, workers: 3 } });
      for (const number of ['0', '1025', '2.5', 'many', '-1'])
        assertRefused(
          await cli(['scale', 'scale-6', '--workers', number]),
          /^--workers: must be a whole number from 1 to 1024, but .* was given/,
        );
      assertRefused(await cli(['scale', 'scale-6', '--workers', '1']), /^--workers: .* fleet\.minWorkers/);
      assertRefused(await cli(['scale', 'scale-6']), /workers/);
    });
  });

  describe('is hit with faults', () => {
    it('only if its job allows it', async () => {
      await putLiving('chaos-1');
      assertRefused(
        await cli(['chaos', 'chaos-1', '--kill', 'worker']),
        /^run chaos-1: does not allow faults on purpose: its job field allowChaos is false/,
      );
      assert.deepEqual(await ordersOf('chaos-1'), []);
    });

    it('as often as asked for, one line each, until the time is up', async () => {
      await putLiving('chaos-2', {}, { allowChaos: true });
      const words = [
        '--kill',
        'worker',
        '--drop',
        'link',
        '--every',
        '100ms',
        '--for',
        '450ms',
        '--worker',
        'w1',
      ];
      const { code, stdout, stderr } = await cli(['chaos', 'chaos-2', ...words, '--json']);
      assert.equal(code, 0, stderr);
      const lines = stdout.trim().split('\n');
      const orders = await ordersOf('chaos-2');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        orders,
      );
      assert.ok(orders.length >= 1 && orders.length <= 4, stdout);
      for (const { what, worker } of orders)
        assert.match(`${what} ${worker}`, /^(kill-worker|drop-link) w1$/);
      const said = await cli([
        'chaos',
        'chaos-2',
        '--kill',
        'coordinator',
        '--every',
        '100ms',
        '--for',
        '150ms',
      ]);
      assert.match(said.stdout, /^20\S+Z {2}kill the coordinator\n$/);
      assert.match(said.stderr, /1 fault ordered; chaos-2 is running\.\n$/);
    });

    it('until it is over, or at Ctrl-C', async () => {
      await putLiving('chaos-3', {}, { allowChaos: true });
      const hitting = cli(['chaos', 'chaos-3', '--kill-during', 'checkpoint', '--every', '50ms'], {
        onOutput: () => void putLiving('chaos-3', { state: 'done' }, { allowChaos: true }),
      });
      const { code, stderr } = await hitting;
      assert.equal(code, 0, stderr);
      assert.match(stderr, /chaos-3 is done\.\n$/);
      await putLiving('chaos-4', {}, { allowChaos: true });
      const stopped = await cli(['chaos', 'chaos-4', '--pause', 'worker', '--every', '100ms'], {
        onOutput: (_, kill) => kill('SIGINT'),
      });
      assert.equal(stopped.code, 130, stopped.stderr);
    });

    it('with words that can be read', async () => {
      await putLiving('chaos-5', {}, { allowChaos: true });
      const cases: [string[], RegExp][] = [
        [[], /^no fault was given\n {2}Give one or more of --kill/],
        [['--kill', 'link'], /^--kill must be one of "worker", "coordinator", but "link" was given/],
        [['--kill', 'worker', '--every', '15'], /^--every: must be a time with its unit/],
        [['--kill', 'worker', '--for', '0s'], /^--for: must be from 1ms to 168h/],
        [['--kill', 'worker', '--seed', 'x'], /^--seed: must be a whole number/],
      ];
      for (const [words, message] of cases) assertRefused(await cli(['chaos', 'chaos-5', ...words]), message);
      await putLiving('chaos-6', { state: 'failed' }, { allowChaos: true });
      assertRefused(await cli(['chaos', 'chaos-6', '--kill', 'worker']), /^run chaos-6: is over \(failed\)/);
    });
  });

  it('that waits is shown with what it waits for', async () => {
    await putLiving('wait-1', { state: 'waiting', phase: 'waiting for 1 of 2 workers to come back' });
    assert.match(
      (await cli(['status', 'wait-1'])).stdout,
      /^wait-1 {2}waiting\n {2}waiting for 1 of 2 workers to come back\n/,
    );
    assert.match((await cli(['list'])).stdout, /wait-1 +waiting .*waiting for 1 of 2 workers to come back/);
    const coloured = await cli(['status', 'wait-1'], { env: { FORCE_COLOR: '1' } });
    assert.ok(coloured.stdout.includes('\x1b[33mwaiting'), 'yellow');
  });
});
