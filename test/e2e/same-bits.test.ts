/**
 * The promise: the same bits on any number of workers, and no trick in how.
 * Skewed bag sizes, a batch that no number of workers divides, a short last batch, dropout.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkpointFolder, parseJob, RUN_FILES, type StepRow } from '@bagfleet/proto';
import { createModel } from '@bagfleet/worker/models/create-model';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import { runCli } from '../support/run-cli.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import {
  digestOf,
  type FinishedRun,
  ledgerOf,
  metricsOf,
  SKEWED_TRAIN,
  SKEWED_VAL,
  submitJob,
  workOf,
} from '../support/trained-run.js';

const EPOCHS = 3;
const BATCH = 7;
const FEATURES = 24;
const MODEL = { name: 'abmil', hidden: 96, dropout: 0.25 };
const STEPS = Math.ceil(SKEWED_TRAIN.length / BATCH) * EPOCHS;

describe('training with 1, 2 and 3 workers', function () {
  this.timeout(180_000);
  const temp = tempFolderForAll();
  const runs = new Map<number, FinishedRun>();

  before(async () => {
    const { path } = await writeTinyDataset(
      join(temp.path, 'data'),
      { train: SKEWED_TRAIN, val: SKEWED_VAL },
      FEATURES,
    );
    for (const workers of [1, 2, 3]) {
      const run = await submitJob(join(temp.path, 'runs'), path, {
        'fleet.workers': workers,
        model: MODEL,
        'train.epochs': EPOCHS,
        'train.batch': BATCH,
        'train.clipNorm': 1,
        'train.schedule': { name: 'cosine', warmupSteps: 3 },
      });
      assert.equal(run.code, 0, run.stderr);
      runs.set(workers, run);
    }
  });

  it('gives byte-identical weights and optimizer state', () => {
    for (const file of ['model.safetensors', 'optimizer.safetensors']) {
      const digests = [...runs.values()].map((run) => digestOf(run, `${checkpointFolder(STEPS)}${file}`));
      assert.equal(new Set(digests).size, 1, `${file}: ${digests.join(' ')}`);
    }
  });

  it('gives identical losses, rates, norms and validation metrics', () => {
    const facts = [...runs.values()].map((run) => JSON.stringify(metricsOf(run).map(withoutTimes)));
    assert.equal(facts[1], facts[0]);
    assert.equal(facts[2], facts[0]);
  });

  for (const workers of [1, 2, 3]) {
    it(`with ${workers}, computes each slot once, on the worker that the plan names`, () => {
      const run = runs.get(workers) as FinishedRun;
      const rows = workOf(run);
      assert.equal(rows.length, STEPS * workers);
      for (const row of rows)
        assert.deepEqual(
          row.computed.map(([slot]) => slot),
          row.planned,
        );
      const computed = rows.flatMap((row) => row.computed.map(([, bag]) => `${row.epoch} ${bag}`));
      const counted = ledgerOf(run).flatMap((row) => row.counted.map(([, bag]) => `${row.epoch} ${bag}`));
      assert.deepEqual(computed.sort(), counted.sort(), 'what was computed is what counted');
    });

    it(`with ${workers}, counts each bag once in each epoch`, () => {
      const rows = ledgerOf(runs.get(workers) as FinishedRun);
      assert.equal(rows.length, STEPS);
      for (let epoch = 1; epoch <= EPOCHS; epoch++) {
        const bags = rows
          .filter((row) => row.epoch === epoch)
          .flatMap((row) => row.counted.map(([, bag]) => bag));
        assert.equal(bags.length, SKEWED_TRAIN.length, 'each bag counts');
        assert.equal(new Set(bags).size, SKEWED_TRAIN.length, 'and counts once');
      }
    });

    it(`with ${workers}, passes the audit`, async () => {
      const run = runs.get(workers) as FinishedRun;
      const { code, stdout, stderr } = await runCli(['audit', basename(run.folder), '--json'], {
        env: { BAGFLEET_STORE: dirname(run.folder) },
      });
      assert.equal(code, 0, stderr);
      const { epochs, steps, counted, redone } = JSON.parse(stdout);
      assert.deepEqual([epochs, steps, counted, redone], [EPOCHS, STEPS, SKEWED_TRAIN.length * EPOCHS, 0]);
    });

    it(`with ${workers}, each sends and receives 2·bytes·(N-1)/N of gradient`, () => {
      const run = runs.get(workers) as FinishedRun;
      const bytes = gradientBytes();
      for (const row of workOf(run)) {
        const expected = (2 * bytes * (workers - 1)) / workers;
        assert.ok(
          Math.abs(row.gradientBytesSent - expected) <= 0.02 * expected,
          `sent ${row.gradientBytesSent} of ${expected}`,
        );
        assert.ok(Math.abs(row.gradientBytesReceived - expected) <= 0.02 * expected);
      }
    });
  }

  it('keeps gradients away from the coordinator', () => {
    const run = runs.get(2) as FinishedRun;
    const event = /sessions carried (\d+) bytes/.exec(
      readFileSync(join(run.folder, RUN_FILES.events), 'utf8'),
    );
    assert.ok(event, 'the coordinator says how much its sessions carried');
    const perStep = Number(event[1]) / STEPS;
    assert.ok(
      perStep < gradientBytes() / 10,
      `${perStep} bytes per step beside a gradient of ${gradientBytes()}`,
    );
  });
});

/** Bytes of the flat gradient, padding included. */
function gradientBytes(): number {
  const model = parseJob({ data: { manifest: 'm' }, model: MODEL }, 'test').model;
  return layoutOf(createModel(model, { instanceShape: [FEATURES], outputs: 1 }).parameters).length * 4;
}

function withoutTimes(row: object): object {
  const {
    milliseconds: _,
    balance: __,
    bagsPerSecond: ___,
    seconds: ____,
    costs: _____,
    ...facts
  } = row as StepRow & Record<string, unknown>;
  return facts;
}
