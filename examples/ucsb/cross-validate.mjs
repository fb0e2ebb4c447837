/**
 * Ten-fold cross-validation of examples/ucsb/job.yaml, repeated with other folds, by the bagfleet command line.
 *
 *   node examples/ucsb/cross-validate.mjs [--data data/ucsb] [--runs runs/ucsb] [--repeats 5] [--workers 1]
 *
 * Each fold is a job: its training bags give the mean and standard deviation of each feature, the model trains
 * on them alone, and the last checkpoint predicts the fold's bags. Every bag is so predicted once per repeat, by
 * a model that has not seen it. Out: accuracy at 0.5 and AUC over the 58 predictions of each repeat, their mean
 * and standard deviation over the repeats; --json prints all predictions too.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJobText } from '@bagfleet/orchestrator/job-file/read-job-text';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { featureStatistics } from './feature-statistics.mjs';
import { manifestName } from './manifest-name.mjs';

const BAGFLEET = fileURLToPath(new URL('../../bin/bagfleet.js', import.meta.url));
const JOB = readJobText(readFileSync(new URL('job.yaml', import.meta.url), 'utf8'), 'job.yaml');
const FOLDS = 10;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'data/ucsb' },
    runs: { type: 'string', default: 'runs/ucsb' },
    repeats: { type: 'string', default: '5' },
    workers: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const repeats = [];
  for (let repeat = 1; repeat <= Number(values.repeats); repeat++) {
    const predictions = await crossValidate(repeat);
    const { auc, accuracy } = evaluateBinary(predictions, null, 0.5);
    repeats.push({ repeat, auc, accuracy, predictions });
    console.error(`repeat ${repeat}: AUC ${auc.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`);
  }
  const auc = spread(repeats.map((repeat) => repeat.auc));
  const accuracy = spread(repeats.map((repeat) => repeat.accuracy));
  if (values.json) return console.log(JSON.stringify({ auc, accuracy, repeats }));
  for (const [name, { mean, deviation }] of Object.entries({ AUC: auc, accuracy }))
    console.log(`${name} ${mean.toFixed(3)} ± ${deviation.toFixed(3)}`);
}

/** A prediction for each of the bags, from the model that did not train on it. */
async function crossValidate(repeat) {
  const dataset = await loadManifest(join(values.data, manifestName(repeat)), (uri) => openStore(uri, {}));
  const { instanceShape, bags } = dataset.manifest;
  const reader = bagReader({ store: dataset.store, instanceShape, normalize: null });
  const features = new Map(
    await Promise.all(bags.map(async (bag) => [bag, (await reader.read(bag)).features])),
  );
  dataset.store.close();
  const predictions = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const training = bags.filter((bag) => bag.fold !== fold).map((bag) => features.get(bag));
    const data = {
      ...JOB.data,
      manifest: dataset.uri,
      fold,
      normalize: featureStatistics(training, instanceShape[0]),
    };
    const tested = bags.filter((bag) => bag.fold === fold);
    const job = { ...JOB, name: `ucsb-${repeat}-${fold}`, seed: repeat, data };
    const rows = trainAndPredict(job, tested);
    for (const [place, { id, label }] of tested.entries())
      predictions.push({ bag: id, label, probability: rows[place].probabilities[1] });
  }
  return predictions;
}

function trainAndPredict(job, tested) {
  const folder = mkdtempSync(join(tmpdir(), 'bagfleet-ucsb-'));
  try {
    const file = join(folder, 'job.json');
    writeFileSync(file, JSON.stringify(job));
    const runs = ['--store', resolve(values.runs)];
    const { run } = bagfleet('submit', file, '--workers', values.workers, ...runs);
    return bagfleet('predict', run, ...runs, '--bags', ...tested.map(({ id }) => id)).predictions;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a bagfleet command and gives its JSON; what it says besides is shown only if it fails. */
function bagfleet(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BAGFLEET, ...words, '--json']);
  if (status === 0) return JSON.parse(stdout.toString('utf8'));
  throw new Error(`bagfleet ${words[0]} failed:\n${stderr}`);
}

/** Mean and standard deviation (of a sample: n - 1). */
function spread(numbers) {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0 };
}
