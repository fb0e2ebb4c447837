/** Grades that are joined in the job file train the very model that a manifest with joined labels does, and are scored alike. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatasetManifest } from '@bagfleet/proto';
import { runCli } from '../support/run-cli.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { type FinishedRun, submitJob, weightsOf } from '../support/trained-run.js';

const GRADES = ['0', '1', '2', '3'];
const FIELDS = { 'train.epochs': 3, 'train.batch': 5, 'model.hidden': 16, 'model.attention': 8 };

describe('data.labelMap', function () {
  this.timeout(120_000);
  const temp = tempFolderForAll();

  /** The same bags twice: graded, and with joined labels. */
  async function datasets(): Promise<{ graded: string; joined: string }> {
    const sizes = [9, 4, 7, 12, 3, 8, 5, 6, 10, 2, 11, 7];
    const { path, manifest } = await writeTinyDataset(join(temp.path, 'data'), {
      train: sizes,
      val: sizes,
      test: sizes,
    });
    const put = (
      name: string,
      change: (place: number) => Partial<DatasetManifest['bags'][number]>,
      head: object,
    ) => {
      const bags = manifest.bags.map((bag, place) => ({ ...bag, ...change(place) }));
      const folder = dirname(path);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...manifest, ...head, bags }));
      return join(folder, `${name}.json`);
    };
    const graded = put('graded', (place) => ({ label: place % 4 }), { classes: GRADES, task: 'ordinal' });
    const joined = put('joined', (place) => ({ label: place % 4 > 0 ? 1 : 0 }), { classes: ['0', '1-3'] });
    return { graded, joined };
  }

  async function scoresOf(run: FinishedRun, ...words: string[]): Promise<object> {
    const env = { BAGFLEET_STORE: dirname(run.folder) };
    const { code, stdout, stderr } = await runCli(['evaluate', basename(run.folder), '--json', ...words], {
      env,
    });
    assert.equal(code, 0, stderr);
    const { bags, metrics, threshold } = JSON.parse(stdout) as {
      bags: number;
      metrics: object;
      threshold: number;
    };
    return { bags, metrics, threshold };
  }

  it('gives the weights and scores of labels that were joined before', async () => {
    const { graded, joined } = await datasets();
    const mapped = await submitJob(join(temp.path, 'mapped'), graded, {
      ...FIELDS,
      'data.labelMap': { 0: 0, '1-3': 1 },
    });
    const plain = await submitJob(join(temp.path, 'plain'), joined, FIELDS);
    for (const run of [mapped, plain]) assert.equal(run.code, 0, run.stderr);
    assert.equal(weightsOf(mapped), weightsOf(plain));
    const scores = await scoresOf(plain);
    assert.deepEqual(await scoresOf(mapped), scores);
    assert.deepEqual(await scoresOf(mapped, '--on', graded), scores, 'other bags are labelled likewise');
    const env = { BAGFLEET_STORE: dirname(mapped.folder) };
    const audit = await runCli(['audit', basename(mapped.folder)], { env });
    assert.equal(audit.code, 0, audit.stderr);
  });

  it('leaves out the bags of a label that is null, in training and in the audit', async () => {
    const { graded } = await datasets();
    const run = await submitJob(join(temp.path, 'fewer'), graded, {
      ...FIELDS,
      'data.labelMap': { 0: 0, 1: null, '2-3': 1 },
    });
    assert.equal(run.code, 0, run.stderr);
    const env = { BAGFLEET_STORE: dirname(run.folder) };
    const { code, stdout } = await runCli(['audit', basename(run.folder), '--json'], { env });
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { bags: number }).bags, 9);
  });
});
