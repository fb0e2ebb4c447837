/**
 * A run on bags of patients, with logs as in pods: what it leaves behind and what is told outside names bags where it
 * must, and never a patient. One bag is poisoned, so that bags are spoken of; a run that fails by it quotes its worker.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterRow, endOf, NO_STORY } from '@bagfleet/orchestrator/coordinator/run-story';
import { DecisionTimes } from '@bagfleet/orchestrator/coordinator/vitals/decision-times';
import { prometheusText } from '@bagfleet/orchestrator/coordinator/vitals/prometheus-text';
import { RunCounts } from '@bagfleet/orchestrator/coordinator/vitals/run-counts';
import { runMetrics } from '@bagfleet/orchestrator/coordinator/vitals/run-metrics';
import { metadataOf } from '@bagfleet/orchestrator/launch/kubernetes/announce/job-metadata';
import { parseLogLine, RUN_FILES } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { eventsOf, type FinishedRun, logOf, submitJob } from '../support/trained-run.js';

const SIZES = [3, 9, 1, 6, 12, 2];
const SICK = 4;
const FEATURES = 4;
const PATIENT = 'Jane-Roe';

describe('a run on bags of patients', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  let skipping: FinishedRun;
  let failing: FinishedRun;

  before(async () => {
    const { path, manifest } = await writeTinyDataset(
      join(temp.path, 'data'),
      { train: SIZES, val: [4, 5] },
      FEATURES,
    );
    const bags = manifest.bags.map((bag, place) => ({ ...bag, patient: `${PATIENT}-${place}` }));
    writeFileSync(path, JSON.stringify({ ...manifest, bags }));
    const values = Float32Array.from({ length: SIZES[SICK] * FEATURES }, (_, i) => (i % 2 ? -3e38 : 3e38));
    writeFileSync(join(path, `../bags/train-${SICK}.npy`), writeNpy(values, [SIZES[SICK], FEATURES]));
    const fields = {
      'model.hidden': 16,
      'model.attention': 8,
      'train.epochs': 2,
      'fleet.workers': 2,
      'train.batch': 2,
    };
    const env = { BAGFLEET_LOG_FORMAT: 'json' };
    const submit = (name: string, poisonedBags: string) =>
      submitJob(join(temp.path, name), path, { ...fields, 'train.poisonedBags': poisonedBags }, { env });
    skipping = await submit('skips', 'skip');
    failing = await submit('fails', 'fail');
  });

  it('has no patient in anything that it leaves', () => {
    assert.equal(skipping.code, 0, skipping.stderr);
    assert.equal(failing.code, 1, failing.stderr);
    for (const run of [skipping, failing])
      for (const [name, text] of [...textsOf(run.folder), ['the terminal', run.stdout + run.stderr]])
        assert.ok(!text.includes(PATIENT), `${name} names a patient`);
  });

  it('has no patient in what is told outside, where the bag is named', () => {
    const told = [skipping, failing].map(announced);
    for (const text of told) assert.ok(!text.includes(PATIENT));
    for (const text of told) assert.match(text, new RegExp(`bag train-${SICK}\\b`));
  });

  it('logs in JSON, each line with its run and its worker', () => {
    for (const worker of ['w0', 'w1']) {
      const lines = logOf(skipping, worker).trimEnd().split('\n').map(parseLogLine);
      const own = lines.filter((line) => line !== null);
      assert.ok(own.some(({ message }) => /^trains as rank \d of 2/.test(message)));
      assert.ok(own.every((line) => line.run === skipping.status.run && line.worker === worker));
    }
  });
});

/** All files of a run that are no numbers. */
function textsOf(folder: string): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(safetensors|png)$/.test(entry.name))
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')]);
}

/** Labels, annotations, events and metrics that this run gives. */
function announced(run: FinishedRun): string {
  const counts = new RunCounts();
  let story = NO_STORY;
  const happenings = eventsOf(run).map((row) => {
    counts.add(row);
    const after = afterRow(story, row);
    story = after.story;
    return after.happening;
  });
  const metrics = runMetrics({
    status: run.status,
    counts: counts.now,
    wanted: 2,
    sessionBytes: 1,
    failedWrites: 0,
    isLeaseHeld: true,
    residentBytes: 1,
    durations: new DecisionTimes().now,
    apiCalls: 1,
  });
  assert.ok(textsOf(run.folder).some(([name]) => name === RUN_FILES.events));
  return `${JSON.stringify([metadataOf(run.status), happenings, endOf(run.status)])}\n${prometheusText(metrics)}`;
}
