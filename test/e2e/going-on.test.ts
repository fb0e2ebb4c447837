/**
 * A run that is disturbed goes on, and ends with the same bits as one worker that nobody disturbed: real processes,
 * really killed, stopped and told to go. After each, the audit proves that every bag counted once.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';
import { runCli } from '../support/run-cli.js';
import { childrenOf, endProcess, processesOf, untilStatus } from '../support/run-processes.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import {
  digestOf,
  eventsOf,
  type FinishedRun,
  finishedRun,
  SKEWED_TRAIN,
  SKEWED_VAL,
  submitJob,
} from '../support/trained-run.js';

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

describe('a run that is disturbed', function () {
  this.timeout(90_000);
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
  const submit = (runs: string, fields: Readonly<Record<string, unknown>>, env = {}) =>
    submitJob(runs, manifest, { ...FIELDS, ...fields }, { env });

  /** Starts a run, does something to it when it trains, waits for its end. */
  async function disturb(
    act: (status: RunStatus, runs: string) => unknown,
    fields: Readonly<Record<string, unknown>> = {},
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

  it('survives a killed worker, which is named and started again', async () => {
    const run = await disturb(({ run: id }) => endProcess(childrenOf(id, 'w1')[0], 'SIGKILL'));
    await assertUndisturbed(run);
    const events = eventsOf(run).map(({ event, message }) => `${event}: ${message}`);
    assert.ok(
      events.some((line) => /w1.*SIGKILL/.test(line)),
      events.join('\n'),
    );
  });

  it('survives a worker that falls silent', async () => {
    const run = await disturb(({ run: id }) => endProcess(childrenOf(id, 'w2')[0], 'SIGSTOP'), {
      'fleet.heartbeatTimeout': 1.5,
    });
    await assertUndisturbed(run);
    assert.ok(eventsOf(run).some(({ message }) => /w2.*not heard/.test(message)));
  });

  it('lets a worker go that gets SIGTERM', async () => {
    const run = await disturb(({ run: id }) => endProcess(childrenOf(id, 'w0')[0], 'SIGTERM'));
    await assertUndisturbed(run);
  });

  it('survives its coordinator', async () => {
    const run = await disturb(({ run: id }) => endProcess(childrenOf(id, 'coordinator')[0], 'SIGKILL'));
    await assertUndisturbed(run);
  });

  it('follows another coordinator when the first one stops, which steps back when it wakes up', async () => {
    const run = await disturb(
      async ({ run: id }) => {
        const [first] = childrenOf(id, 'coordinator');
        endProcess(first, 'SIGSTOP');
        await sleep(8000);
        endProcess(first, 'SIGCONT');
      },
      { 'train.epochs': EPOCHS },
    );
    await assertUndisturbed(run);
  });

  it('is scaled up and down while it trains', async () => {
    // On any machine it trains long enough to see both: the first worker rests in each step.
    const pace = join(temp.path, 'pace.json');
    writeFileSync(pace, JSON.stringify([{ id: 'pace', act: 'pace', worker: 'w0', ms: 120 }]));
    const run = await disturb(
      async ({ run: id }, runs) => {
        for (const workers of ['3', '2']) {
          const { code, stderr } = await runCli(['scale', id, '--workers', workers, '--store', runs]);
          assert.equal(code, 0, stderr);
        }
      },
      { 'fleet.workers': 1 },
      { BAGFLEET_FAULTS: pace },
    );
    await assertUndisturbed(run);
  });

  it('survives `bagfleet chaos`, which says what it does', async () => {
    const run = await disturb(
      async ({ run: id }, runs) => {
        const what = [
          '--kill',
          'worker',
          '--kill',
          'coordinator',
          '--drop',
          'link',
          '--kill-during',
          'checkpoint',
        ];
        const when = ['--every', '1s', '--for', '5s', '--seed', '3'];
        const { code, stdout, stderr } = await runCli(['chaos', id, ...what, ...when, '--store', runs]);
        assert.equal(code, 0, stderr);
        assert.ok(stdout.trim().split('\n').length >= 4, stdout);
      },
      { allowChaos: true },
    );
    await assertUndisturbed(run);
    assert.ok(eventsOf(run).filter(({ event }) => event === 'chaos').length >= 4);
  });

  it('that is told to stop (SIGTERM) keeps a checkpoint, and is resumed on another number of workers', async () => {
    const stopped = await disturb(({ run: id }) => endProcess(childrenOf(id, 'coordinator')[0], 'SIGTERM'));
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.equal(stopped.status.state, 'interrupted');
    await resume(stopped, 2);
  });

  it('of which everything is killed is resumed from its last checkpoint', async () => {
    const killed = await disturb(async ({ run: id }) => {
      await untilStatus(join(temp.path, `runs-${number - 1}`), (now) => now.epoch > 10);
      for (const pid of childrenOf(id, 'keeper')) endProcess(pid, 'SIGKILL');
      for (const pid of processesOf(id)) endProcess(pid, 'SIGKILL');
    });
    assert.equal(killed.code, 1);
    await resume(killed, 2);
  });

  async function resume(run: FinishedRun, workers: number): Promise<void> {
    const words = [
      'resume',
      run.status.run,
      '--workers',
      String(workers),
      '--store',
      join(run.folder, '..'),
      '--json',
    ];
    const result = await runCli(words);
    await assertUndisturbed(finishedRun(run.folder, result));
  }
});

function modelOf(run: FinishedRun): string {
  return digestOf(run, `${RUN_FILES.checkpoints}step-${String(STEPS).padStart(6, '0')}/model.safetensors`);
}
