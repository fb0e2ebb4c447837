/**
 * Machines that compute wrongly or slowly: found, named, got rid of, and the result is that of sound ones.
 * Steps of one bag: with two workers, w1 always is the owner or the witness of the slot that is verified.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  auditOf,
  type FaultyRun,
  faultyRun,
  type Order,
  story,
  told,
  weightsOf,
} from '../support/faulty-run.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';

const FIELDS = {
  'model.hidden': 16,
  'model.attention': 8,
  'train.batch': 1,
  'train.epochs': 3,
  'fleet.verifyEvery': 1,
  'fleet.restartBackoff': 0.2,
};
/** Each step takes so long on w0, so that w1 is back before the end. */
const SLOWLY: Order = { id: 'slowly', act: 'delay', worker: 'w0', phase: 'compute', ms: 400, times: 1000 };

describe('a machine that', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  let manifest = '';
  let undisturbed = '';

  function run(name: string, workers: number, orders: readonly Order[], more = {}): Promise<FaultyRun> {
    const fields = { ...FIELDS, 'fleet.workers': workers, ...more };
    return faultyRun({ folder: join(temp.path, name), manifest, fields, orders, within: 50 });
  }

  async function assertUndisturbed(result: FaultyRun): Promise<void> {
    assert.equal(result.code, 0, story(result));
    assert.equal(weightsOf(result), undisturbed, story(result));
    await auditOf(result);
  }

  before(async () => {
    const sizes = { train: [3, 9, 1, 6, 12, 2, 5, 30], val: [4, 10] };
    manifest = (await writeTinyDataset(join(temp.path, 'data'), sizes)).path;
    const sound = await run('sound', 1, []);
    assert.equal(sound.code, 0, sound.stderr);
    undisturbed = weightsOf(sound);
  });

  it('computes other bits from the beginning is refused at its join, with the name of the other one', async () => {
    const refused = await run('other-bits', 2, [{ act: 'flip', worker: 'w1', always: true }]);
    assert.equal(refused.code, 1, story(refused));
    assert.equal(refused.status.error?.code, 'fingerprint-mismatch');
    // Before the first step nobody knows who is right: who comes second is refused.
    assert.match(
      refused.stderr,
      /worker (w0: computes other bits than w1|w1: computes other bits than w0) for the probe bag/,
    );
    assert.deepEqual(told(refused, 'generation'), [], 'nothing was trained');
  });

  it('flips one bit once is noticed in that step, both are named, and the run goes back', async () => {
    const flipped = await run('one-bit', 2, [{ act: 'flip', worker: 'w1', step: 11 }]);
    assert.match(flipped.marks.get('flip')?.where ?? '', /step 11/);
    const [rollback, ...more] = told(flipped, 'rollback');
    assert.match(rollback, /w0.*w1|w1.*w0/);
    assert.match(rollback, /got other bits for bag train-\d in epoch 2, step 3, and the probe does not tell/);
    assert.match(rollback, /2 workers start again from the last checkpoint/);
    assert.deepEqual(more, []);
    await assertUndisturbed(flipped);
  });

  it('goes bad while it trains is expelled by name, and refused when it comes back', async () => {
    const bad = await run('gone-bad', 2, [SLOWLY, { act: 'flip', worker: 'w1', step: 4, always: true }]);
    const [expelled, ...more] = told(bad, 'expelled');
    assert.match(
      expelled,
      /w1 is expelled: it computes the probe bag otherwise than when it joined \(epoch 1, step 4\)/,
    );
    assert.deepEqual(more, []);
    assert.match(
      told(bad, 'refused', 'w1').join(),
      /w1 is refused: it computes other bits than w0 for the probe bag/,
    );
    assert.deepEqual(told(bad, 'rollback'), []);
    await assertUndisturbed(bad);
  });

  it('computes slowly is told of, with numbers', async () => {
    const slowly: Order = { act: 'delay', worker: 'w1', phase: 'compute', ms: 150, times: 1000 };
    const slow = await run('straggler', 2, [slowly], { 'train.batch': 2 });
    assert.equal(slow.code, 0, story(slow));
    const words = told(slow, 'straggler').filter((message) => message.startsWith('w1 '));
    const [, times, own, others] =
      /^w1 computes ([\d.]+) times as slowly as planned in epoch \d: (\d+) ms for bags that take the others (\d+) ms$/.exec(
        words.at(-1) ?? '',
      ) ?? [];
    assert.ok(Number(own) >= 150, story(slow));
    assert.ok(Number(own) >= 2 * Number(others), story(slow));
    assert.ok(Math.abs(Number(own) / Number(others) - Number(times)) < 0.1 * Number(times), story(slow));
  });
});
