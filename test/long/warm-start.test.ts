/**
 * A run that begins with another one's parameters: the same bits on any fleet, and never with parameters that do not
 * fit or are not those that were meant.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkpointFolder, RUN_FILES } from '@bagfleet/proto';
import { assertRefused, runCli } from '../support/run-cli.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { type TinyDataset, writeTinyDataset } from '../support/tiny-dataset.js';
import { digestOf, type FinishedRun, logOf, submitJob } from '../support/trained-run.js';

const TRAIN = [9, 3, 17, 1, 12, 6, 8];
const SMALL = { hidden: 8, attention: 4 };

describe('a run that begins with the parameters of another one', function () {
  this.timeout(120_000);
  const temp = tempFolderForAll();
  let data: TinyDataset;
  let first: FinishedRun;
  const runs = () => join(temp.path, 'runs');

  before(async () => {
    data = await writeTinyDataset(join(temp.path, 'data'), { train: TRAIN, val: [4, 5, 6, 7] });
    first = await train({ 'train.epochs': 2 });
  });

  /** Batches of 4: two steps per epoch. */
  function train(fields: Readonly<Record<string, unknown>>): Promise<FinishedRun> {
    return submitJob(runs(), data.path, { model: SMALL, 'train.batch': 4, ...fields });
  }

  const lastOf = (run: FinishedRun) => `${checkpointFolder(run.status.epochs * 2)}model.safetensors`;
  const from = (checkpoint: string) => ({ model: { ...SMALL, initial: { checkpoint } } });

  it('has exactly those parameters before its first update', async () => {
    const still = { name: 'sgd', rate: 1e-30, weightDecay: 0 };
    const run = await train({
      ...from(`${basename(first.folder)}@latest`),
      'train.epochs': 1,
      'train.optimizer': still,
    });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(digestOf(run, lastOf(run)), digestOf(first, lastOf(first)));
    assert.match(logOf(run, 'w0'), /begins with the parameters of .*step-000004/);
  });

  it('gives the same bits on one worker and on two, others than from scratch, and says where it came from', async () => {
    const warm = from(`${basename(first.folder)}@latest`);
    const [one, two] = [
      await train({ ...warm, 'train.epochs': 1, 'fleet.workers': 1 }),
      await train({ ...warm, 'train.epochs': 1, 'fleet.workers': 2 }),
    ];
    const scratch = await train({ 'train.epochs': 1 });
    assert.equal(digestOf(one, lastOf(one)), digestOf(two, lastOf(two)));
    assert.notEqual(digestOf(one, lastOf(one)), digestOf(scratch, lastOf(scratch)));
    const { model } = JSON.parse(readFileSync(join(one.folder, RUN_FILES.job), 'utf8')) as {
      model: { initial: { checkpoint: string; sha256: string } };
    };
    assert.equal(model.initial.checkpoint, join(first.folder, RUN_FILES.checkpoints, 'step-000004'));
    assert.equal(model.initial.sha256, digestOf(first, `${checkpointFolder(4)}manifest.json`));
  });

  /** Refused before anything is started. */
  async function refused(fields: Readonly<Record<string, unknown>>, message: RegExp): Promise<void> {
    const file = join(temp.path, 'job.json');
    const { model, ...rest } = fields;
    const job = { data: { manifest: data.path }, store: { uri: runs() }, model, ...rest };
    writeFileSync(file, JSON.stringify(job));
    assertRefused(await runCli(['submit', file]), message);
  }

  it('is refused for a model of other shapes', () =>
    refused(
      { model: { ...SMALL, hidden: 16, initial: { checkpoint: basename(first.folder) } } },
      /job field model\.initial: .*does not fit: its tensor .* is \[8/,
    ));

  it('is refused for other classes, which tensors do not show', async () => {
    const others = await writeTinyDataset(join(temp.path, 'others'), { train: TRAIN, val: [4, 5] });
    writeFileSync(others.path, JSON.stringify({ ...others.manifest, classes: ['yes', 'no'] }));
    await refused(
      { ...from(basename(first.folder)), data: { manifest: others.path } },
      /it tells no, yes apart, the dataset has the classes yes, no/,
    );
  });

  it('is refused for a checkpoint that is not there, or not the one that was meant', async () => {
    await refused(from(`${basename(first.folder)}@7`), /there is no checkpoint/);
    const checkpoint = `${basename(first.folder)}@latest`;
    await refused(
      { model: { ...SMALL, initial: { checkpoint, sha256: 'a'.repeat(64) } } },
      /its manifest's sha256 is [0-9a-f]{64}, the job expects a{64}/,
    );
  });

  it('goes on from its own checkpoint when it is resumed, whatever became of the other run', async () => {
    const other = await train({ 'train.epochs': 1 });
    const run = await train({ ...from(basename(other.folder)), 'train.epochs': 1 });
    rmSync(other.folder, { recursive: true });
    const job = join(run.folder, RUN_FILES.job);
    const longer = JSON.parse(readFileSync(job, 'utf8')) as { train: { epochs: number } };
    longer.train.epochs = 2;
    writeFileSync(job, JSON.stringify(longer));
    const status = join(run.folder, RUN_FILES.status);
    const interrupted = { ...JSON.parse(readFileSync(status, 'utf8')), state: 'interrupted' };
    writeFileSync(status, JSON.stringify(interrupted));
    const { code, stderr } = await runCli(['resume', basename(run.folder), '--store', runs()]);
    assert.equal(code, 0, stderr);
    assert.match(logOf(run, 'w0'), /goes on from step 2/);
  });
});
