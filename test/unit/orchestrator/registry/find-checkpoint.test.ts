import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCheckpoint, parseCheckpointName } from '@bagfleet/orchestrator/registry/find-checkpoint';
import { BagfleetError, parseJob } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { writeMadeUpCheckpoint } from '../../../support/made-up-checkpoint.js';
import { putRun, secondsBefore, statusOf } from '../../../support/run-folder.js';

describe('the name of a checkpoint', () => {
  const cases: [string, string, boolean, string | null][] = [
    ['mnist-2', 'mnist-2', false, null],
    ['latest', 'latest', false, null],
    ['mnist-2@best', 'mnist-2', false, 'best'],
    ['mnist-2@latest', 'mnist-2', false, 'latest'],
    ['mnist-2@42', 'mnist-2', false, '42'],
    ['mnist-2@step-000042', 'mnist-2', false, 'step-000042'],
    ['mnist-2@x', 'mnist-2@x', false, null],
    ['mnist-2/', 'mnist-2/', false, null],
    ['./pulled', './pulled', true, null],
    ['.', '.', true, null],
    ['~/pulled', '~/pulled', true, null],
    ['/abs/pulled', '/abs/pulled', true, null],
    ['runs/mnist-2@42', 'runs/mnist-2', true, '42'],
    [
      's3://bucket/runs/mnist-2/checkpoints/step-000042',
      's3://bucket/runs/mnist-2/checkpoints/step-000042',
      true,
      null,
    ],
  ];
  for (const [text, place, isFolder, which] of cases)
    it(`${text} is ${isFolder ? 'a folder' : 'a run'}`, () => {
      assert.deepEqual(parseCheckpointName(text), { place, isFolder, which });
    });
});

describe('find a checkpoint', () => {
  let folder: string;
  const stores = () => ({ ...parseJob({ data: { manifest: 'x' } }, 'x').store, uri: join(folder, 'runs') });
  const stepOf = async (text: string) => {
    const { store, manifest } = await findCheckpoint(text, stores(), folder);
    store.close();
    return `${manifest.run} ${manifest.progress.step}`;
  };
  const refusal = async (text: string) => {
    const thrown = await stepOf(text).then(
      () => assert.fail('found'),
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof BagfleetError, String(thrown));
    return thrown;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bagfleet-find-'));
    const now = new Date();
    for (const [run, age] of [
      ['mnist-1', 300],
      ['never-validated-1', 200],
      ['empty-1', 100],
    ] as const) {
      const store = await openStore(stores().uri, stores());
      await putRun(store, statusOf(run, { startedAt: secondsBefore(now, age) }, now));
      store.close();
    }
    const open = (run: string) => openStore(join(folder, 'runs', run), stores());
    const [validated, never] = [await open('mnist-1'), await open('never-validated-1')];
    await writeMadeUpCheckpoint(validated, { run: 'mnist-1', step: 42, isBest: true });
    await writeMadeUpCheckpoint(validated, { run: 'mnist-1', step: 84, isBest: false });
    await writeMadeUpCheckpoint(never, { run: 'never-validated-1', step: 7, isBest: false });
    validated.close();
    never.close();
  });
  after(() => rm(folder, { recursive: true }));

  it('takes the best one, or the latest of a run that was never validated', async () => {
    assert.equal(await stepOf('mnist'), 'mnist-1 42');
    assert.equal(await stepOf('never'), 'never-validated-1 7');
  });

  it('takes the one that is named', async () => {
    assert.equal(await stepOf('mnist-1@latest'), 'mnist-1 84');
    assert.equal(await stepOf('mnist-1@best'), 'mnist-1 42');
    assert.equal(await stepOf('mnist-1@84'), 'mnist-1 84');
  });

  it('takes the folder of a checkpoint or of a run, relative to the working folder', async () => {
    assert.equal(await stepOf('runs/mnist-1/checkpoints/step-000084'), 'mnist-1 84');
    assert.equal(await stepOf('./runs/mnist-1'), 'mnist-1 42');
    assert.equal(await stepOf('runs/mnist-1@latest'), 'mnist-1 84');
    assert.equal(await stepOf(join(folder, 'runs/mnist-1')), 'mnist-1 42');
  });

  it('says what is missing', async () => {
    assert.equal((await refusal('latest')).code, 'checkpoint-missing');
    assert.equal((await refusal('mnist-1@43')).code, 'checkpoint-missing');
    assert.equal((await refusal('./runs')).code, 'checkpoint-missing');
    assert.equal((await refusal('nothing')).code, 'run-missing');
  });
});
