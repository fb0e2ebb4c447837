/**
 * What a run under chaos must show, for one seed: the same bits as one worker that nobody disturbed, every bag
 * counted once, and that it really was hit, in every phase.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { KILL_PHASES } from './chaos-plan.js';
import { type ChaosRun, chaosRun } from './chaos-run.js';
import { auditOf, faultyRun, story, weightsOf } from './faulty-run.js';
import { processesOf } from './run-processes.js';
import { writeTinyDataset } from './tiny-dataset.js';
import { SKEWED_TRAIN, SKEWED_VAL } from './trained-run.js';

const BATCH = 7;
const LENGTH = {
  epochs: 48,
  stepsPerEpoch: Math.ceil(SKEWED_TRAIN.length / BATCH),
  checkpointEvery: 6,
  paceMs: 80,
};
const FIELDS = {
  'train.epochs': LENGTH.epochs,
  'train.batch': BATCH,
  model: { name: 'abmil', hidden: 48, dropout: 0.25 },
  'checkpoint.everyEpochs': LENGTH.checkpointEvery,
  'fleet.heartbeatTimeout': 2,
  'fleet.leaseTimeout': 4,
  'fleet.stepTimeout': 20,
  'fleet.restarts': 1000,
  // It doubles with every death of a worker, and each dies a dozen times.
  'fleet.restartBackoff': 0.0005,
  'fleet.verifyEvery': 25,
};
const FEATURES = 16;
const WITHIN_SECONDS = 240;

export interface Undisturbed {
  readonly manifest: string;
  readonly weights: string;
}

/** The dataset, and what one worker makes of it. */
export async function undisturbedRun(folder: string): Promise<Undisturbed> {
  const bags = { train: SKEWED_TRAIN, val: SKEWED_VAL };
  const { path: manifest } = await writeTinyDataset(join(folder, 'data'), bags, FEATURES);
  const run = await faultyRun({ folder: join(folder, 'alone'), manifest, fields: FIELDS, within: 120 });
  assert.equal(run.code, 0, run.stderr);
  return { manifest, weights: weightsOf(run) };
}

export async function surviveChaos(seed: number, folder: string, alone: Undisturbed): Promise<void> {
  const run = await chaosRun({
    seed,
    folder: join(folder, `chaos-${seed}`),
    manifest: alone.manifest,
    fields: FIELDS,
    length: LENGTH,
    within: WITHIN_SECONDS,
  });
  console.log(`      seed ${seed}: ${summary(run)}`);
  assert.equal(run.code, 0, story(run));
  assert.equal(weightsOf(run), alone.weights, `other weights with seed ${seed}\n${story(run)}`);
  await auditOf(run);
  const total = [...run.kills.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(total >= 30, `${total} kills`);
  for (const phase of KILL_PHASES) assert.ok((run.kills.get(phase) ?? 0) >= 2, `too few kills in ${phase}`);
  assert.ok(run.redone >= 15, `${run.redone} steps were done again`);
  assert.equal(run.coordinatorKills, 2);
  assert.deepEqual(processesOf(run.status.run), []);
}

function summary(run: ChaosRun): string {
  const hits = [...run.kills].map(([phase, count]) => `${phase} ${count}`).join(', ');
  const generations = run.events.filter(({ event }) => event === 'generation').length;
  const seconds = Math.round(run.seconds);
  return `kills: ${hits}; ${run.redone} steps done again; ${generations} generations in ${seconds} s`;
}
