/**
 * Runs that are disturbed while they train, beside one that nobody disturbs: the results must be the same bits.
 * In: called inside a `describe`. Out: what its tests need to submit, disturb and compare.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';
import { runCli } from './run-cli.js';
import { processesOf, untilStatus } from './run-processes.js';
import { tempFolderForAll } from './temp-folder-for-all.js';
import { writeTinyDataset } from './tiny-dataset.js';
import {
  digestOf,
  type FinishedRun,
  finishedRun,
  SKEWED_TRAIN,
  SKEWED_VAL,
  submitJob,
} from './trained-run.js';

const EPOCHS = 30;
const STEPS = 7 * EPOCHS;
const FIELDS = {
  'train.epochs': EPOCHS,
  'train.batch': 7,
  model: { name: 'abmil', hidden: 128, dropout: 0.25 },
  'checkpoint.everyEpochs': 10,
  'fleet.restartBackoff': 0.2,
  'fleet.leaseTimeout': 3,
  'fleet.verifyEvery': 20,
};

type Fields = Readonly<Record<string, unknown>>;

/** `own` are fields of all these runs. */
export function disturbedRuns(own: Fields = {}) {
  const temp = tempFolderForAll();
  let manifest = '';
  let undisturbed = '';
  let number = 0;

  before(async () => {
    const bags = { train: SKEWED_TRAIN, val: SKEWED_VAL };
    manifest = (await writeTinyDataset(join(temp.path, 'data'), bags, 64)).path;
    const run = await submit(newStore(), { 'fleet.workers': 1 });
    assert.equal(run.code, 0, run.stderr);
    undisturbed = modelOf(run);
  });

  const newStore = () => join(temp.path, `runs-${number++}`);
  const submit = (runs: string, fields: Fields, env = {}) =>
    submitJob(runs, manifest, { ...FIELDS, ...own, ...fields }, { env });

  /** Starts a run of three workers, does something to it when it trains, waits for its end. */
  async function disturb(
    act: (status: RunStatus, runs: string) => unknown,
    fields: Fields = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<FinishedRun> {
    const runs = newStore();
    const submitted = submit(runs, { 'fleet.workers': 3, ...fields }, env);
    const status = await untilStatus(runs, (now) => now.state === 'running' && now.epoch > 1);
    await act(status, runs);
    return submitted;
  }

  async function assertUndisturbed(run: FinishedRun): Promise<void> {
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.status.state, 'done');
    assert.equal(modelOf(run), undisturbed, 'the same bits');
    const audit = await runCli(['audit', run.status.run, '--store', join(run.folder, '..')]);
    assert.equal(audit.code, 0, audit.stderr + audit.stdout);
    assert.deepEqual(processesOf(run.status.run), []);
  }

  async function assertResumes(run: FinishedRun, workers: number): Promise<void> {
    const where = ['--store', join(run.folder, '..'), '--json'];
    const result = await runCli(['resume', run.status.run, '--workers', String(workers), ...where]);
    await assertUndisturbed(finishedRun(run.folder, result));
  }

  return {
    get folder() {
      return temp.path;
    },
    ...{ disturb, assertUndisturbed, assertResumes },
  };
}

function modelOf(run: FinishedRun): string {
  return digestOf(run, `${RUN_FILES.checkpoints}step-${String(STEPS).padStart(6, '0')}/model.safetensors`);
}
