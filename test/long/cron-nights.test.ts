/**
 * Nights of a cron, one after the other, with the command line and real worker processes: the first model, new data,
 * nothing new, what waits and what must not train, a hold-out that changed, a retry, a night on top of another.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DatasetManifest,
  type JobSpec,
  type Night,
  RUN_FILES,
  type RunStatus,
  type Tag,
} from '@bagfleet/proto';
import { type GrowingData, growingData } from '../support/growing-data.js';
import { assertRefused, type CliResult, runCli } from '../support/run-cli.js';
import { tempFolder } from '../support/temp-folder.js';

describe('the nights of a cron', function () {
  this.timeout(180_000);
  const temp = tempFolder();
  let data: GrowingData;
  const runs = () => join(temp.path, 'runs');

  beforeEach(() => {
    data = growingData(join(temp.path, 'data'));
  });

  async function apply(...words: readonly string[]): Promise<CliResult> {
    const job = join(temp.path, 'job.json');
    const train = { epochs: 3, batch: 4 };
    const fields = { data: { manifest: data.manifest }, model: { hidden: 8, attention: 4 }, train };
    writeFileSync(job, JSON.stringify({ name: 'slides', ...fields }));
    const said = await runCli(['cron', 'apply', job, '--schedule', '0 2 * * *', '--store', runs(), ...words]);
    assert.equal(said.code, 0, said.stderr);
    return said;
  }

  function cron(...words: readonly string[]): Promise<CliResult> {
    return runCli(['cron', ...words, '--store', runs()]);
  }

  async function night(at?: string, code = 0): Promise<Night> {
    const said = await cron(
      'run-now',
      'slides',
      '--here',
      '--json',
      ...(at === undefined ? [] : ['--night', at]),
    );
    assert.equal(said.code, code, said.stderr);
    return JSON.parse(said.stdout) as Night;
  }

  function tag(): Tag {
    return JSON.parse(readFileSync(join(runs(), 'tags/production.json'), 'utf8')) as Tag;
  }

  function jobOf(run: string): JobSpec {
    return JSON.parse(readFileSync(join(runs(), run, RUN_FILES.job), 'utf8')) as JobSpec;
  }

  function trainedOn(run: string): string[] {
    const { manifest } = jobOf(run).data;
    return (JSON.parse(readFileSync(manifest, 'utf8')) as DatasetManifest).bags.map(({ id }) => id).sort();
  }

  const runFolders = () => readdirSync(runs()).filter((name) => name.startsWith('slides-'));

  it('promote the first model, refuse what the gate forbids, and end at once without anything new', async () => {
    const { stdout, stderr } = await apply();
    assert.match(stdout, /8 bags train and 4 validate/);
    assert.match(
      stderr,
      /note: the hold-out is too small for a margin of 0\.01: on 3 positive and 3 negative bags/,
    );

    const first = await night('2026-11-25T02:00:00Z');
    assert.equal(first.outcome, 'promoted');
    assert.deepEqual([first.plan?.data.added, first.plan?.initial, first.production], [12, null, null]);
    assert.match(first.why.join('\n'), /there is no production model to compare with/);
    assert.match(first.why.join('\n'), /the hold-out is too small/);
    const [move] = tag().moves;
    assert.equal(move.manifestSha256, first.candidate?.manifestSha256);
    assert.equal(move.by, 'cron slides, night 20261125T020000Z');
    const run = first.plan?.run as string;
    assert.deepEqual(
      trainedOn(run).filter((id) => id.startsWith('test')),
      [],
    );

    const idle = await night('2026-11-26T02:00:00Z');
    assert.equal(idle.outcome, 'nothing-new');
    assert.match(idle.why[0], /^nothing is new: 8 bags train and 4 validate: 0 new, 12 old$/);
    assert.equal(runFolders().length, 1, 'it did not train');

    data.add({ id: 'new-1', label: 'yes', patient: 'gina' });
    data.add({ id: 'new-2', label: 'no', patient: 'hans' });
    data.add({ id: 'new-3', label: null });
    data.add({ id: 'new-4', label: 'yes', patient: 'patient of test-1' });
    await apply('--promote-if', 'auc > 1');
    const second = await night('2026-11-27T02:00:00Z');
    assert.equal(second.outcome, 'refused');
    assert.match(second.why.join('\n'), /the gate does not hold: auc > 1/);
    const { added, waiting, heldBack } = second.plan?.data ?? {};
    assert.deepEqual([added, waiting, heldBack], [2, 1, 1]);
    const ids = trainedOn(second.plan?.run as string);
    assert.deepEqual(
      ids.filter((id) => id.startsWith('new')),
      ['new-1', 'new-2'],
    );
    assert.equal(ids.length, 14, 'old bags train, too');
    const initial = jobOf(second.plan?.run as string).model.initial;
    assert.equal(initial?.sha256, first.candidate?.manifestSha256, 'it began with production');
    assert.deepEqual(second.production?.metrics, first.candidate?.metrics, 'the same model on the same bags');
    assert.equal(tag().moves.length, 1, 'the tag stayed');

    data.tell({ id: 'new-3', label: 'yes', patient: 'ida' });
    await apply('--promote-if', 'auc >= 0', '--from', 'scratch');
    const third = await night('2026-11-28T02:00:00Z');
    assert.equal(third.outcome, 'promoted');
    assert.deepEqual([third.plan?.data.added, third.plan?.data.waiting, third.plan?.initial], [1, 0, null]);
    assert.equal(jobOf(third.plan?.run as string).model.initial, null);
    assert.equal(tag().moves.length, 2);

    const { stdout: rows } = await cron('history', 'slides', '--json');
    const nights = (JSON.parse(rows) as { kind: string; night?: Night }[]).flatMap((row) => row.night ?? []);
    assert.deepEqual(
      nights.map(({ outcome }) => outcome),
      ['promoted', 'nothing-new', 'refused', 'promoted'],
    );
    const { stdout: table } = await cron('history', 'slides');
    assert.match(table, /2026-11-27 02:00 +refused +2 +1/);
    const { stdout: list } = await cron('list', '--json');
    assert.equal((JSON.parse(list) as { last: Night }[])[0].last.outcome, 'promoted');
  });

  it('share the record and the run of one scheduled time, however often they are tried', async () => {
    await apply();
    const first = await night('2026-11-25T02:00:00Z');
    data.add({ id: 'new-1', label: 'yes', patient: 'gina' });
    const again = await night('20261125T020000Z');
    assert.deepEqual(again, first);
    assert.equal(runFolders().length, 1);
    assert.equal(tag().moves.length, 1);
  });

  it('fail by name when the hold-out changed, and are promoted once it is back', async () => {
    await apply();
    const held = data.fileOf('test-2');
    const copy = join(temp.path, 'copy.npy');
    copyFileSync(held, copy);
    const bytes = readFileSync(held);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(held, bytes);
    const changed = await night('2026-11-25T02:00:00Z', 2);
    assert.equal(changed.outcome, 'failed');
    assert.match(
      changed.why[0],
      /^bag test-2, file bags\/test-2\.npy: the hold-out has changed: its sha256 is/,
    );
    data.remove('test-2');
    const gone = await night('2026-11-25T02:00:00Z', 2);
    assert.match(gone.why[0], /bag test-2.*the hold-out has changed: it is gone/);
    assert.equal(runFolders().length, 0, 'nothing was trained');
    copyFileSync(copy, held);
    data.tell({ id: 'test-3', label: 'no', patient: 'patient of test-3' });
    const relabelled = await night('2026-11-25T02:00:00Z', 2);
    assert.match(relabelled.why[0], /bag test-3 of the hold-out has the label no, the hold-out has yes/);
    data.tell({ id: 'test-3', label: 'yes', patient: 'patient of test-3' });
    const mended = await night('2026-11-25T02:00:00Z');
    assert.deepEqual([mended.outcome, mended.attempts, mended.error], ['promoted', 4, null]);
  });

  it('keep the hold-out and the sides of the bags when the cron is applied again after a new index', async () => {
    await apply();
    const before = await cron('list', '--json');
    for (const place of [0, 1, 2, 3])
      data.add({ id: `test-9${place}`, label: place % 2 ? 'yes' : 'no', patient: 'p' });
    data.index();
    await apply('--margin', '0.2');
    const { stdout } = await cron('run-now', 'slides', '--here', '--json');
    const { holdOut, plan } = JSON.parse(stdout) as Night;
    const pinned = readdirSync(join(runs(), 'crons/slides/hold-outs'));
    assert.deepEqual(pinned, [`${holdOut}.json`], before.stdout);
    assert.equal(plan?.data.added, 16, 'what came later trains: it is not of the hold-out');
  });

  /** Waits until a run of the cron trains. */
  async function untilTraining(): Promise<RunStatus> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const [run] = existsSync(runs()) ? runFolders() : [];
      const file = run === undefined ? '' : join(runs(), run, RUN_FILES.status);
      const status = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunStatus) : null;
      if (status?.state === 'running' && status.epoch > 1) return status;
      assert.ok(performance.now() < deadline, `no run trains: ${JSON.stringify(status)}`);
      await sleep(100);
    }
  }

  it('are never stacked, and a cancelled run ends its night', async () => {
    await apply('--epochs', '100000');
    const going = cron('run-now', 'slides', '--here', '--json', '--night', '2026-11-25T02:00:00Z');
    const { run } = await untilTraining();
    const other = await night('2026-11-26T02:00:00Z');
    assert.equal(other.outcome, 'skipped');
    assert.deepEqual(other.why, [`the night 20261125T020000Z is still going (run ${run})`]);
    const twice = await cron('run-now', 'slides', '--here', '--night', '2026-11-25T02:00:00Z');
    assertRefused(twice, /night 20261125T020000Z: another process works on it/);
    assert.equal((await runCli(['cancel', run, '--store', runs()])).code, 0);
    const { code, stdout, stderr } = await going;
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as Night).outcome, 'cancelled');
    assert.equal(runFolders().length, 1);
  });

  it('go on with their run after an interrupt, on the same bags', async () => {
    await apply('--epochs', '100000');
    const interrupted = runCli([
      'cron',
      'run-now',
      'slides',
      '--here',
      '--night',
      '2026-11-25T02:00:00Z',
      '--store',
      runs(),
    ]);
    const { run } = await untilTraining();
    for (const pid of nightProcesses()) process.kill(pid, 'SIGINT');
    const { code, stderr } = await interrupted;
    assert.equal(code, 130, stderr);
    data.add({ id: 'new-1', label: 'yes', patient: 'gina' });
    // The run goes on from its last checkpoint; its job is given an end for the test's sake.
    const file = join(runs(), run, RUN_FILES.job);
    await untilOver(run);
    const job = jobOf(run);
    const epochs =
      (JSON.parse(readFileSync(join(runs(), run, RUN_FILES.status), 'utf8')) as RunStatus).epoch + 2;
    writeFileSync(file, JSON.stringify({ ...job, train: { ...job.train, epochs } }));
    const resumed = await night('2026-11-25T02:00:00Z');
    assert.deepEqual([resumed.outcome, resumed.attempts, resumed.plan?.run], ['promoted', 2, run]);
    assert.ok(!trainedOn(run).includes('new-1'));
    const events = readFileSync(join(runs(), run, RUN_FILES.events), 'utf8');
    assert.match(events, /"event":"resumed"/);
  });

  async function untilOver(run: string): Promise<void> {
    const deadline = performance.now() + 30_000;
    const file = join(runs(), run, RUN_FILES.status);
    while ((JSON.parse(readFileSync(file, 'utf8')) as RunStatus).endedAt === null) {
      assert.ok(performance.now() < deadline, 'the run went on after the interrupt');
      await sleep(100);
    }
  }

  it('are made with words that are checked: nothing is written for a wrong one', async () => {
    const job = join(temp.path, 'job.json');
    writeFileSync(job, JSON.stringify({ name: 'slides', data: { manifest: data.manifest } }));
    const applied = (...words: string[]) => runCli(['cron', 'apply', job, '--store', runs(), ...words]);
    const at = ['--schedule', '0 2 * * *'];
    assertRefused(await applied('--schedule', '0 2 * *'), /--schedule "0 2 \* \*": is no schedule/);
    assertRefused(await applied(...at, '--time-zone', 'Europe/Madird'), /is no time zone/);
    assertRefused(
      await applied(...at, '--promote-if', 'auk >= 0.5'),
      /--promote-if "auk >= 0.5": at position 1/,
    );
    assertRefused(await applied(...at, '--margin', '-1'), /--margin -1: must be 0 or more/);
    assertRefused(await applied(...at, '--labels', join(temp.path, 'no.csv')), /there is no table of labels/);
    assertRefused(await applied(...at, '--starting-deadline', '5s'), /must be at least 30 s/);
    assertRefused(await cron('history', 'slides'), /there is no such cron/);
    assert.ok(!existsSync(join(runs(), 'crons/slides/cron.json')));
  });

  it('stop while the cron is suspended, and leave their history when it is deleted', async () => {
    await apply();
    await night('2026-11-25T02:00:00Z');
    const suspended = await cron('suspend', 'slides', '--json');
    assert.deepEqual(JSON.parse(suspended.stdout), { name: 'slides', suspended: true });
    assert.match((await cron('list')).stdout, /suspended/);
    const resumed = await cron('resume', 'slides', '--json');
    assert.deepEqual(JSON.parse(resumed.stdout), { name: 'slides', suspended: false });
    assert.equal((await cron('delete', 'slides')).code, 0);
    assert.deepEqual(JSON.parse((await cron('list', '--json')).stdout), []);
    assert.match((await cron('history', 'slides')).stdout, /promoted/);
    assertRefused(await cron('run-now', 'slides', '--here'), /there is no such cron/);
  });
});

/** `bagfleet cron run-now` processes of this test. */
function nightProcesses(): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return (
        words.includes('run-now') &&
        environment.includes(`BAGFLEET_TEST_RUN=${process.env.BAGFLEET_TEST_RUN}\0`)
      );
    } catch {
      return false;
    }
  });
}
