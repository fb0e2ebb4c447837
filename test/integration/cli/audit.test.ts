import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type LedgerRow, ledgerFile, parseJob, RUN_FILES, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { putRun, putText, statusOf } from '../../support/run-folder.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../../support/tiny-dataset.js';

const WORKERS = ['w0', 'w1'];

function rowOf(epoch: number, step: number, bags: readonly string[]): LedgerRow {
  return {
    ...{ epoch, step, generation: { lease: 1, number: 1 }, workers: WORKERS, skipped: [] },
    counted: bags.map((bag, slot): [number, string, number] => [slot, bag, slot % 2]),
    weight: bags.length,
  };
}

describe('bagfleet audit', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  let store: ObjectStore;
  let manifest: string;
  const audit = (...words: string[]) => runCli(['audit', ...words], { cwd: temp.path });

  before(async () => {
    const dataset = await writeTinyDataset(join(temp.path, 'data'), { train: [3, 5, 4], val: [2, 2] });
    manifest = dataset.path;
    store = await openStore(join(temp.path, 'runs'), parseJob({ data: { manifest: 'x' } }, 'x').store);
  });
  after(() => store.close());

  /** One epoch of three bags in two steps was asked for. */
  async function putAudited(run: string, rows: readonly LedgerRow[], changes: Partial<RunStatus> = {}) {
    await putRun(store, statusOf(run, { state: 'done', epoch: 1, epochs: 1, ...changes }, new Date()));
    const job = parseJob({ data: { manifest }, train: { batch: 2, epochs: 1 } }, 'test');
    await putText(store, `${run}/${RUN_FILES.job}`, JSON.stringify(job));
    await putText(store, `${run}/${ledgerFile(1)}`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  it('says in a sentence that every bag counted once', async () => {
    await putAudited('good', [rowOf(1, 1, ['train-0', 'train-2']), rowOf(1, 2, ['train-1'])]);
    const { code, stdout, stderr } = await audit('good');
    assert.deepEqual(
      [code, stdout, stderr],
      [
        0,
        'good: every one of the 3 training bags counted exactly once in epoch 1 (2 steps, 1 generation, 2 workers)\n',
        '',
      ],
    );
    const { run, state, ok, epochs, counted } = JSON.parse((await audit('good', '--json')).stdout);
    assert.deepEqual([run, state, ok, epochs, counted], ['good', 'done', true, 1, 3]);
  });

  it('names what is wrong, with code 1', async () => {
    await putAudited('bad', [rowOf(1, 1, ['train-0', 'train-2']), rowOf(1, 2, ['train-0'])]);
    const { code, stdout, stderr } = await audit('bad');
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^run bad: its ledger does not hold, with 2 findings:\n/);
    assert.match(stderr, /- bag train-1 did not count in epoch 1\n/);
    assert.match(stderr, /- bag train-0 counted twice in epoch 1: in step 1 by w0, in step 2 by w0\n/);
    const json = await audit('bad', '--json');
    assert.equal(json.code, 1);
    const { ok, problems } = JSON.parse(json.stdout) as {
      ok: boolean;
      problems: { code: string; bag: string }[];
    };
    assert.equal(ok, false);
    assert.deepEqual(
      problems.map(({ code: what, bag }) => `${what} ${bag}`),
      ['bag-missing train-1', 'bag-twice train-0'],
    );
  });

  it('holds a run that is done to its last epoch, and one that goes on only to what it has begun', async () => {
    await putAudited('done', []);
    assert.match((await audit('done')).stderr, /- epoch 1 has no rows at all/);
    await putAudited('running', [rowOf(1, 1, ['train-0', 'train-2'])], { state: 'running' });
    const { code, stdout } = await audit('running');
    assert.deepEqual(
      [code, stdout.split(' (')[0]],
      [0, 'running: epoch 1 is not complete: 1 step with 2 bags, none twice'],
    );
  });

  it('refuses a run whose job or dataset is not there', async () => {
    assertRefused(await audit('nothing'), /^nothing: there is no such run/);
    await putRun(store, statusOf('no-job', {}, new Date()));
    assertRefused(await audit('no-job'), /^no-job\/job\.json, field data/);
    await putText(store, `no-job/${RUN_FILES.job}`, '{');
    assertRefused(await audit('no-job'), /^no-job\/job\.json: is not valid JSON/);
    const job = parseJob({ data: { manifest: join(temp.path, 'gone', 'manifest.json') } }, 'test');
    await putText(store, `no-job/${RUN_FILES.job}`, JSON.stringify(job));
    assertRefused(await audit('no-job'), /gone\/manifest\.json: there is no dataset manifest/);
  });
});
