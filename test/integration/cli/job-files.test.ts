import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobJsonSchema, jobSchema } from '@bagfleet/proto';
import { runCli } from '../../support/run-cli.js';
import { writeTinyDataset } from '../../support/tiny-dataset.js';

describe('job files on the command line', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bagfleet-cli-'));
    await writeTinyDataset(join(folder, 'data'), { train: [30, 5, 4, 7, 9], val: [2, 2], test: [3] });
  });
  after(() => rm(folder, { recursive: true }));

  const cli = (...words: string[]) => runCli(words, { cwd: folder });
  const json = async (...words: string[]) => {
    const { code, stdout, stderr } = await cli(...words, '--json');
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    return JSON.parse(stdout);
  };

  it('go from init to validate', async () => {
    const written = await cli('init');
    assert.equal(written.code, 0, written.stderr);
    assert.equal(written.stdout, '');
    const checked = await cli('validate', 'job.yaml');
    assert.equal(checked.code, 0, checked.stderr);
    assert.match(
      checked.stdout,
      /^✓ job\.yaml: job job\n {2}data {3}tiny: 5 bags to train, 2 to validate, 1 to test/,
    );
    const { job } = await json('validate', 'job.yaml');
    const defaults = jobSchema.parse({ data: { manifest: join(folder, 'data/manifest.json') } });
    assert.deepEqual(job, { ...defaults, store: { ...defaults.store, uri: join(folder, 'runs') } });
  });

  it('are printed by init, with the store of the environment', async () => {
    const { code, stdout } = await runCli(['init', '-', '--manifest', 's3://b/m.json'], {
      cwd: folder,
      env: { BAGFLEET_STORE: 's3://bucket/runs' },
    });
    assert.equal(code, 0);
    assert.match(stdout, /\n {2}manifest: s3:\/\/b\/m\.json\n/);
    assert.match(stdout, /\n {2}uri: s3:\/\/bucket\/runs\n/);
  });

  it('are overwritten when forced', async () => {
    await writeFile(join(folder, 'old.yaml'), 'old\n');
    assert.equal((await cli('init', 'old.yaml', '--force')).code, 0);
    assert.match(await readFile(join(folder, 'old.yaml'), 'utf8'), /^# A bagfleet job/);
  });

  it('are overridden by --set and by flags, flags last', async () => {
    const flags = [
      '--set',
      'train.batch=2',
      '--set',
      'validation.earlyStop.patience=5',
      '--set',
      'data.normalize={ mean: [0], std: [1] }',
    ];
    const { job, stepsPerEpoch } = await json(
      'validate',
      'job.yaml',
      ...flags,
      '--batch',
      '3',
      '--workers',
      '2',
      '--seed',
      '7',
      '--epochs',
      '4',
      '--name',
      'night',
      '--store',
      'there',
    );
    assert.equal(job.train.batch, 3);
    assert.equal(stepsPerEpoch, 2);
    assert.deepEqual(job.validation.earlyStop, { patience: 5, minDelta: 0 });
    assert.deepEqual([job.name, job.seed, job.train.epochs, job.fleet.workers], ['night', 7, 4, 2]);
    assert.equal(job.store.uri, join(folder, 'there'));
  });

  it('are read from another folder, from standard input, as JSON', async () => {
    await mkdir(join(folder, 'jobs'), { recursive: true });
    const manifest = join(folder, 'data/manifest.json');
    await writeFile(
      join(folder, 'jobs/job.json'),
      JSON.stringify({ data: { manifest: '../data/manifest.json' } }, null, '\t'),
    );
    assert.equal((await json('validate', 'jobs/job.json')).job.data.manifest, manifest);
    const { code, stdout } = await runCli(['validate', '-', '--json'], {
      cwd: folder,
      input: 'data: { manifest: data/manifest.json }',
    });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).job.data.manifest, manifest);
  });

  it('are planned over workers, every bag once', async () => {
    const planned = await cli('plan', 'job.yaml', '--workers', '2', '--batch', '4', '--json');
    assert.equal(planned.code, 0, planned.stderr); // it measures for some seconds, and may say so on stderr
    const balance = JSON.parse(planned.stdout);
    assert.equal(balance.stepsPerEpoch, 2);
    assert.equal(balance.workers.length, 2);
    const sum = (name: string) =>
      balance.workers.reduce((total: number, worker: Record<string, number>) => total + worker[name], 0);
    assert.equal(sum('bags'), 5);
    assert.equal(sum('instances'), 30 + 5 + 4 + 7 + 9);
    assert.equal(balance.steps.length, 2);
    const { stdout } = await cli('plan', 'job.yaml', '--workers', '2', '--batch', '4');
    assert.match(stdout, /^5 bags in 2 steps of 4, on 2 workers\n\nWORKER +BAGS +INSTANCES +SHARE\nw0 /);
    assert.match(
      stdout,
      /\nAn epoch with its validation, by costs measured on this machine, 1 thread: a bag takes /,
    );
    assert.match(stdout, /\nWORKERS +EPOCH +SPEED-UP +IMBALANCE .*\n +1 +[\d.]+ s +1.0× /);
    assert.match(stdout, /\n(More than \d+ hardly help: |More workers help)/);
    assert.deepEqual(
      balance.fleets.map(({ workers }: { workers: number }) => workers),
      [1, 2, 4, 8, 16, 32],
    );
  });

  it('have a JSON Schema', async () => {
    const { code, stdout } = await cli('schema');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(jobJsonSchema())));
  });
});
