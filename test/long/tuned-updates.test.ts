/**
 * Updates with all that can be set about them (RAdam, one cycle, groups of parameters, an average of the weights) keep
 * the promise: the same bits on any fleet, whatever happens to it, and what was validated is what predicts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkpointFolder, parseJob } from '@bagfleet/proto';
import { readSafetensors } from '@bagfleet/worker/checkpoint/read-safetensors';
import type { NamedTensor } from '@bagfleet/worker/checkpoint/safetensors-format';
import { createModel } from '@bagfleet/worker/models/create-model';
import { initialState } from '@bagfleet/worker/train/training-state';
import { disturbedRuns } from '../support/disturbed-runs.js';
import { runCli } from '../support/run-cli.js';
import { childrenOf, endProcess } from '../support/run-processes.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { type FinishedRun, SKEWED_TRAIN, SKEWED_VAL, submitJob } from '../support/trained-run.js';

const TRAIN = {
  'train.optimizer': { name: 'radam', rate: 2e-3 },
  'train.schedule': { name: 'onecycle' },
  'train.parameterGroups': [
    { match: '*.bias', weightDecay: 0, rateFactor: 2 },
    { match: 'feat_ext', frozen: true },
  ],
  'train.ema': { decay: 0.95 },
  'train.clipNorm': 1,
};

describe('training with tuned updates', function () {
  this.timeout(180_000);

  describe('undisturbed', () => {
    const EPOCHS = 3;
    const STEPS = 7 * EPOCHS;
    const MODEL = { name: 'abmil', hidden: 32, dropout: 0.25 };
    const temp = tempFolderForAll();
    let run: FinishedRun;

    before(async () => {
      const bags = { train: SKEWED_TRAIN, val: SKEWED_VAL };
      const { path } = await writeTinyDataset(join(temp.path, 'data'), bags, 24);
      const fields = { model: MODEL, 'train.epochs': EPOCHS, 'train.batch': 7, 'fleet.workers': 2, ...TRAIN };
      run = await submitJob(join(temp.path, 'runs'), path, fields);
      assert.equal(run.code, 0, run.stderr);
    });

    it('keeps frozen weights bit by bit, and the average beside the last weights', () => {
      const job = parseJob({ data: { manifest: 'none' }, model: MODEL }, 'test');
      const { layout, parameters } = initialState(
        job,
        createModel(job.model, { instanceShape: [24], outputs: 1 }),
      );
      const { offset, length } = layout.places[0];
      assert.equal(layout.places[0].name, 'feat_ext.0.weight');
      const initial = parameters.slice(offset, offset + length);
      const [model, optimizer] = ['model', 'optimizer'].map((file) => tensorsOf(run, STEPS, file));
      for (const tensor of [model.get('feat_ext.0.weight'), optimizer.get('unaveraged.feat_ext.0.weight')])
        assert.deepEqual(tensor?.data, initial);
      for (const name of ['feat_ext.0.bias', 'classifier.module.weight'])
        assert.notDeepEqual(model.get(name)?.data, optimizer.get(`unaveraged.${name}`)?.data, name);
    });

    it('scores in `evaluate` what it scored in training, to the last bit', async () => {
      const env = { BAGFLEET_STORE: dirname(run.folder) };
      const json = async (...words: string[]) =>
        JSON.parse((await runCli([...words, '--json'], { env })).stdout);
      const id = basename(run.folder);
      const rows = await json('checkpoints', 'list', id);
      assert.ok(rows.length > 0);
      for (const { step, validation } of rows)
        assert.deepEqual((await json('evaluate', `${id}@${step}`, '--split', 'val')).metrics, validation);
    });
  });

  describe('disturbed', () => {
    const runs = disturbedRuns(TRAIN);

    it('gives the same bits after the loss of a worker, which gets the state of the others', async () => {
      const run = await runs.disturb(({ run: id }) => endProcess(childrenOf(id, 'w1')[0], 'SIGKILL'));
      await runs.assertUndisturbed(run);
    });

    it('gives the same bits when it is stopped and resumed on another number of workers', async () => {
      const stopped = await runs.disturb(({ run: id }) =>
        endProcess(childrenOf(id, 'coordinator')[0], 'SIGTERM'),
      );
      assert.equal(stopped.status.state, 'interrupted');
      await runs.assertResumes(stopped, 2);
    });
  });
});

function tensorsOf(run: FinishedRun, step: number, file: string): ReadonlyMap<string, NamedTensor> {
  const path = join(run.folder, checkpointFolder(step), `${file}.safetensors`);
  return readSafetensors(readFileSync(path), path).tensors;
}
