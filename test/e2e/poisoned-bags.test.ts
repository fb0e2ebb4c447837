/**
 * Bags that make a loss or a gradient not finite: two in the data, one with NaN, one whose finite values overflow.
 * They are the whole second batch of the first epoch, and are scattered over batches later.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchOf, epochOrder, parseJob, stepsPerEpoch } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { auditOf, type FaultyRun, faultyRun, story, told, weightsOf } from '../support/faulty-run.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { type TinyDataset, writeTinyDataset } from '../support/tiny-dataset.js';
import { ledgerOf, metricsOf } from '../support/trained-run.js';

const SIZES = [3, 9, 1, 6, 12, 2, 5, 8];
const FEATURES = 4;
const BATCH = 2;
const EPOCHS = 3;
const STEPS = stepsPerEpoch(SIZES.length, BATCH);
const SEED = parseJob({ data: { manifest: 'm' } }, 'test').seed;
const FIELDS = {
  'model.hidden': 16,
  'model.attention': 8,
  'train.batch': BATCH,
  'train.epochs': EPOCHS,
  'fleet.restarts': 1,
};
/** Training bags by their place in the manifest. */
const [NAN, OVERFLOWING] = batchOf(epochOrder(SEED, 1, SIZES.length), BATCH, 1);

describe('a poisoned bag', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  let folders = 0;

  function run(manifest: string, fields: object, orders: Parameters<typeof faultyRun>[0]['orders'] = []) {
    const folder = join(temp.path, `run-${folders++}`);
    return faultyRun({ folder, manifest, fields: { ...FIELDS, ...fields }, orders, within: 50 });
  }

  function spoil({ path }: TinyDataset, bag: number, values: (i: number) => number): void {
    const size = SIZES[bag];
    const features = Float32Array.from({ length: size * FEATURES }, (_, i) => values(i));
    writeFileSync(join(path, `../bags/train-${bag}.npy`), writeNpy(features, [size, FEATURES]));
  }

  async function dataset(name: string): Promise<TinyDataset> {
    return writeTinyDataset(join(temp.path, name), { train: SIZES, val: [4, 10] }, FEATURES);
  }

  describe('that makes a run fail', () => {
    it('is named, if its features are finite and overflow', async () => {
      const data = await dataset('overflow');
      spoil(data, OVERFLOWING, (i) => (i % 2 ? -3e38 : 3e38));
      const failed = await run(data.path, { 'fleet.workers': 2 });
      assert.equal(failed.code, 1, story(failed));
      assert.match(failed.status.error?.code ?? '', /^(loss|gradient)-not-finite$/);
      assert.match(failed.stderr, new RegExp(`bag train-${OVERFLOWING}: in slot \\d `));
      assert.equal(ledgerOf(failed).length, 1, 'the step before it counts');
    });

    it('is named with its file, if a feature is NaN', async () => {
      const data = await dataset('nan');
      spoil(data, NAN, (i) => (i === 2 ? Number.NaN : 1));
      const failed = await run(data.path, { 'fleet.workers': 2 });
      assert.equal(failed.code, 1, story(failed));
      assert.equal(failed.status.error?.code, 'bag-not-finite');
      assert.match(
        failed.stderr,
        new RegExp(`bag train-${NAN}, file bags/train-${NAN}\\.npy: instance 0, value 2 holds NaN`),
      );
    });
  });

  describe('that is left out', () => {
    const runs: FaultyRun[] = [];
    const sick = [NAN, OVERFLOWING];

    before(async () => {
      const data = await dataset('both');
      spoil(data, NAN, (i) => (i === 2 ? Number.NaN : 1));
      spoil(data, OVERFLOWING, (i) => (i % 2 ? -3e38 : 3e38));
      for (const workers of [1, 2, 3])
        runs.push(await run(data.path, { 'fleet.workers': workers, 'train.poisonedBags': 'skip' }));
      for (const one of runs) assert.equal(one.code, 0, story(one));
    });

    it('changes nothing of the promise: the same weights with 1, 2 and 3 workers', () => {
      assert.equal(new Set(runs.map(weightsOf)).size, 1);
    });

    it('is recorded once, by its id and the step', () => {
      for (const one of runs) {
        const words = told(one, 'bag-skipped').sort();
        const expected = sick
          .map((bag) => `bag train-${bag} is left out from epoch 1, step 2 on: its `)
          .sort();
        assert.equal(words.length, 2, story(one));
        for (const [i, word] of words.entries()) assert.ok(word.startsWith(expected[i]), word);
      }
    });

    it('is named by the audit, which passes', async () => {
      for (const one of runs) {
        const { skipped, counted } = await auditOf(one);
        assert.deepEqual(skipped.map(({ bag }) => bag).sort(), sick.map((bag) => `train-${bag}`).sort());
        assert.equal(counted, (SIZES.length - sick.length) * EPOCHS);
      }
    });

    it('has no weight: each step is averaged over what is left, and with nothing left there is none', () => {
      const left: (readonly [number, number, number])[] = [];
      for (let epoch = 1; epoch <= EPOCHS; epoch++)
        for (let step = 0; step < STEPS; step++) {
          const bags = batchOf(epochOrder(SEED, epoch, SIZES.length), BATCH, step);
          left.push([epoch, step + 1, bags.filter((bag) => !sick.includes(bag)).length]);
        }
      assert.ok(
        left.some(([, , weight]) => weight === 1),
        'a batch is left with one bag',
      );
      assert.ok(
        left.some(([, , weight]) => weight === 0),
        'a batch is left with none',
      );
      for (const one of runs) {
        const steps = metricsOf(one).flatMap((row) => (row.kind === 'step' ? [row] : []));
        assert.deepEqual(
          steps.map(({ epoch, step, weight }) => [epoch, step, weight]),
          left.filter(([, , weight]) => weight > 0),
        );
        assert.deepEqual(
          ledgerOf(one).map(({ epoch, step, weight }) => [epoch, step, weight]),
          left,
        );
      }
    });
  });

  it('is none if only one worker finds it so: that worker is expelled by name', async () => {
    const data = await dataset('sound');
    const fields = { 'train.poisonedBags': 'skip', 'fleet.verifyEvery': 0 };
    const sound = await run(data.path, { ...fields, 'fleet.workers': 1 });
    const wrong = await run(data.path, { ...fields, 'fleet.workers': 2 }, [
      { act: 'poison', worker: 'w1', step: 6 },
    ]);
    assert.equal(wrong.code, 0, story(wrong));
    const [expelled, ...more] = told(wrong, 'expelled', 'w1');
    assert.match(
      expelled,
      /w1 is expelled: it finds bag train-\d not finite \(its gradient has NaN or infinity\), which is finite on w0/,
    );
    assert.deepEqual(more, []);
    assert.deepEqual(told(wrong, 'bag-skipped'), []);
    assert.equal(weightsOf(wrong), weightsOf(sound));
    assert.deepEqual((await auditOf(wrong)).skipped, []);
  });
});
