/** The cron commands with a cluster that keeps their clock, and without one. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cronCommands } from '@bagfleet/orchestrator/cli/cron';
import { runProgram } from '@bagfleet/orchestrator/cli/program';
import { BagfleetError } from '@bagfleet/proto';
import { LocalStore } from '@bagfleet/worker/storage/local-store';
import { ClusterTwin } from '../../support/cluster-twin.js';
import { growingData } from '../../support/growing-data.js';
import { writeMadeUpCheckpoint } from '../../support/made-up-checkpoint.js';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { tempFolder } from '../../support/temp-folder.js';

describe('bagfleet cron', function () {
  this.timeout(30_000);
  const temp = tempFolder();
  const runs = () => join(temp.path, 'runs');
  let job = '';

  beforeEach(() => {
    const data = growingData(join(temp.path, 'data'));
    job = join(temp.path, 'job.json');
    const model = { hidden: 8, attention: 4 };
    writeFileSync(job, JSON.stringify({ name: 'slides', data: { manifest: data.manifest }, model }));
  });

  /** In this process, with the twin; out: the JSON that was printed. */
  async function told(cluster: ClusterTwin, ...words: readonly string[]): Promise<Record<string, unknown>> {
    const { write } = process.stdout;
    let said = '';
    process.stdout.write = (text: string | Uint8Array) => {
      said += String(text);
      return true;
    };
    try {
      const commands = [cronCommands(async () => cluster)];
      await runProgram(['cron', ...words, '--store', runs(), '--json'], commands, '0');
    } finally {
      process.stdout.write = write;
    }
    return JSON.parse(said) as Record<string, unknown>;
  }

  it('tells the cluster what it writes down, and asks it what it knows', async () => {
    const cluster = new ClusterTwin();
    const applied = await told(
      cluster,
      'apply',
      job,
      '--schedule',
      '0 2 * * *',
      '--time-zone',
      'Europe/Madrid',
    );
    assert.equal(applied.clock, 'the twin');
    assert.match(String(applied.next), /T0[01]:00:00\.000Z$/);
    await told(cluster, 'suspend', 'slides');
    const [listed] = (await told(cluster, 'list')) as unknown as Record<string, unknown>[];
    assert.deepEqual([listed.suspended, listed.next, listed.timeZone], [true, null, 'Europe/Madrid']);
    assert.deepEqual(listed.cluster, { name: 'slides', suspended: true, active: [], lastScheduledAt: null });
    await told(cluster, 'apply', job, '--schedule', '30 3 * * *');
    assert.equal((await cluster.get('slides'))?.suspended, true, 'another schedule does not resume it');
    await told(cluster, 'resume', 'slides');
    const begun = await told(cluster, 'run-now', 'slides', '--night', '2026-11-25T02:00:00Z');
    assert.deepEqual(begun, { cron: 'slides', night: '20261125T020000Z', job: 'slides-by-hand' });
    await told(cluster, 'delete', 'slides');
    assert.deepEqual(cluster.asked, [
      'apply slides',
      'suspend slides',
      'apply slides',
      'resume slides',
      'run slides 2026-11-25T02:00:00.000Z',
      'delete slides',
    ]);
    assert.equal(await cluster.get('slides'), null);
    await assert.rejects(told(cluster, 'suspend', 'slides'), BagfleetError);
  });

  it('says what it can do without a cluster', async () => {
    const applied = await runCli(['cron', 'apply', job, '--schedule', '@daily', '--store', runs()]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.match(
      applied.stderr,
      /no cluster keeps its clock: nights begin with `bagfleet cron run-now slides --here` only/,
    );
    const refused = await runCli(['cron', 'run-now', 'slides', '--store', runs()]);
    assertRefused(refused, /cron slides: no cluster is known to begin it on/);
    const history = await runCli(['cron', 'history', 'slides', '--store', runs()]);
    assert.match(history.stderr, /slides has had no night yet/);
  });
});

describe('bagfleet checkpoints tag', () => {
  const temp = tempFolder();

  it('points a tag at a checkpoint of the store, and at no other', async () => {
    const runs = new LocalStore(join(temp.path, 'runs'));
    const elsewhere = join(temp.path, 'elsewhere');
    for (const [folder, run, step] of [
      [join(runs.uri, 'r-1'), 'r-1', 3],
      [join(runs.uri, 'r-2'), 'r-2', 5],
      [join(elsewhere, 'r-3'), 'r-3', 7],
    ] as const)
      await writeMadeUpCheckpoint(new LocalStore(folder), { run, step, isBest: true });
    const tag = (model: string) => runCli(['checkpoints', 'tag', model, 'production', '--store', runs.uri]);
    const first = await tag(join(runs.uri, 'r-1'));
    assert.equal(first.stdout, 'production points at r-1, step 3 (epoch 1)\n', first.stderr);
    const second = await tag(`${join(runs.uri, 'r-2')}@5`);
    assert.equal(second.stdout, 'production points at r-2, step 5 (epoch 1); it pointed at r-1, step 3\n');
    assertRefused(await tag(join(elsewhere, 'r-3')), /is no checkpoint of a run in/);
    assertRefused(
      await runCli(['checkpoints', 'tag', join(runs.uri, 'r-1'), 'A b', '--store', runs.uri]),
      /no name of a tag/,
    );
  });
});
