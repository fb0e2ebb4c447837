import assert from 'node:assert/strict';
import { findRun } from '@bagfleet/orchestrator/registry/find-run';
import { listRuns } from '@bagfleet/orchestrator/registry/list-runs';
import { BagfleetError } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';
import { NOW, putRun, putText, secondsBefore, statusOf } from '../../../support/run-folder.js';

async function storeOf(...runs: [string, number][]): Promise<MemoryStore> {
  const store = new MemoryStore('/runs');
  await putText(store, 'mnist-data/manifest.json', '{}');
  for (const [run, age] of runs) await putRun(store, statusOf(run, { startedAt: secondsBefore(NOW, age) }));
  return store;
}

async function refusal(store: MemoryStore, name: string | undefined): Promise<BagfleetError> {
  const thrown = await findRun(store, name, NOW).then(
    () => assert.fail('found'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  assert.equal(thrown.code, 'run-missing');
  assert.equal(thrown.exitCode, 2);
  return thrown;
}

describe('list runs', () => {
  it('gives the newest first, unreadable ones last, and passes over other folders', async () => {
    const store = await storeOf(['mnist-1', 300], ['ucsb-1', 100], ['mnist-2', 200]);
    await putText(store, 'half/status.json', '{}');
    const runs = await listRuns(store, NOW);
    assert.deepEqual(
      runs.map(({ run }) => run),
      ['ucsb-1', 'mnist-2', 'mnist-1', 'half'],
    );
  });

  it('knows from its id when a run was submitted that has not begun yet', async () => {
    const store = await storeOf(['mnist-1', 300], ['mnist-2', 100]);
    const submitted = new Date(NOW.getTime() - 200_000);
    const stamp = submitted.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
    await putText(store, `ucsb-${stamp}-0a1b/job.json`, '{}');
    const runs = (await listRuns(store, NOW)).map(({ run }) => run);
    assert.deepEqual(runs, ['mnist-2', `ucsb-${stamp}-0a1b`, 'mnist-1']);
  });

  it('reads many runs', async () => {
    const many = Array.from({ length: 50 }, (_, i): [string, number] => [
      `run-${String(i).padStart(2, '0')}`,
      50 - i,
    ]);
    const store = await storeOf(...many);
    assert.deepEqual(
      (await listRuns(store, NOW)).map(({ run }) => run),
      many.map(([run]) => run).reverse(),
    );
  });
});

describe('find a run', () => {
  it('takes an id, its unique beginning, `latest`, or nothing', async () => {
    const store = await storeOf(['mnist-1', 300], ['mnist-12', 100], ['ucsb-1', 200]);
    const found = async (name?: string) => (await findRun(store, name, NOW)).run;
    assert.equal(await found('mnist-1'), 'mnist-1', 'an id that begins another id');
    assert.equal(await found('mnist-12'), 'mnist-12');
    assert.equal(await found('u'), 'ucsb-1');
    assert.equal(await found('ucsb-1/'), 'ucsb-1', 'as a shell completes a folder');
    assert.equal(await found('latest'), 'mnist-12');
    assert.equal(await found(), 'mnist-12');
  });

  it('lists the runs that an ambiguous beginning may mean, datasets not among them', async () => {
    const error = await refusal(await storeOf(['mnist-1', 300], ['mnist-2', 100]), 'mn');
    assert.equal(error.describe(), 'mn: 2 runs begin like this\n  They are mnist-1, mnist-2.');
  });

  it('suggests the nearest run, and lists the newest', async () => {
    const error = await refusal(await storeOf(['mnist-1', 300], ['ucsb-1', 100]), 'mnits-1');
    assert.equal(error.hint, 'Did you mean mnist-1? Newest runs: ucsb-1, mnist-1.');
  });

  it('says that there are no runs', async () => {
    assert.equal((await refusal(await storeOf(), undefined)).message, 'there are no runs');
    assert.equal((await refusal(await storeOf(), 'mnist-data')).message, 'there are no runs');
  });
});
