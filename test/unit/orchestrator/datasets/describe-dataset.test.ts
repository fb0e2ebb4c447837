import assert from 'node:assert/strict';
import { datasetPage } from '@bagfleet/orchestrator/datasets/dataset-page';
import { describeDataset } from '@bagfleet/orchestrator/datasets/describe-dataset';
import { histogram } from '@bagfleet/orchestrator/datasets/histogram';
import { inspectDataset } from '@bagfleet/orchestrator/datasets/inspect-dataset';
import { manifestBytes } from '@bagfleet/orchestrator/datasets/manifest-file';
import type { BagEntry, DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import fc from 'fast-check';
import { MemoryStore } from '../../../support/memory-store.js';

function manifestOf(bags: Partial<BagEntry>[]): DatasetManifest {
  const full = bags.map(
    (bag, i): BagEntry => ({
      id: `b${i}`,
      key: `bags/b${i}.npy`,
      bytes: 100,
      instances: 1,
      label: i % 2,
      split: 'train',
      ...bag,
    }),
  );
  return { schemaVersion: 1, name: 'slides', instanceShape: [3], classes: ['no', 'yes'], bags: full };
}

const folderOf = ({ bags }: DatasetManifest) => new Map(bags.map((bag) => [bag.key, bag.bytes]));

describe('describe a dataset', () => {
  it('counts splits, classes and sizes', () => {
    const manifest = manifestOf([
      { instances: 5, fold: 0 },
      { instances: 1, fold: 1 },
      { instances: 9, fold: 0, split: 'test' },
      { instances: 7, fold: 2, split: 'test' },
    ]);
    const { warnings, splits, folds, bagSizes, instances } = describeDataset(
      manifest,
      folderOf(manifest),
      [],
    );
    assert.deepEqual(warnings, []);
    assert.deepEqual(splits, [
      { split: 'train', bags: 2, instances: 6, perClass: [1, 1] },
      { split: 'test', bags: 2, instances: 16, perClass: [1, 1] },
    ]);
    assert.deepEqual(
      [folds, instances, bagSizes.smallest, bagSizes.median, bagSizes.largest],
      [3, 22, 1, 6, 9],
    );
  });

  it('warns of what is missing, changed, or torn between splits, and never names a patient', () => {
    const manifest = manifestOf([
      {},
      {},
      { patient: 'Jane Roe' },
      { patient: 'Jane Roe', split: 'test' },
      { patient: 'John Doe', fold: 1 },
      { patient: 'John Doe', fold: 2 },
    ]);
    const folder = folderOf(manifest);
    folder.delete('bags/b0.npy');
    folder.set('bags/b1.npy', 99);
    const { warnings } = describeDataset(manifest, folder, []);
    assert.deepEqual(warnings, [
      'bag b0: bags/b0.npy is not there',
      'bag b1: bags/b1.npy has 99 bytes, the manifest says 100',
      'bags b2, b3 are of one patient, but lie in train and test: scores will be too good',
      'bags b4, b5 are of one patient, but of several folds',
      'test has no bag of class no',
    ]);
  });

  it('finds bags with the same content by their bytes alone', async () => {
    const store = new MemoryStore();
    const content = (seed: number) =>
      writeNpy(
        Float32Array.from({ length: 3000 }, (_, i) => Math.sin(i + seed)),
        [1000, 3],
      );
    const almost = content(1);
    almost[almost.length - 1] ^= 1; // the middle is the same, the end is not
    const contents = [content(1), content(2), content(1), almost, content(2), content(1)];
    const manifest = manifestOf(
      contents.map((bytes, i) => ({ bytes: bytes.length, instances: 1000, split: i < 4 ? 'train' : 'test' })),
    );
    for (const [i, bytes] of contents.entries()) store.objects.set(`bags/b${i}.npy`, bytes);
    store.objects.set('manifest.json', manifestBytes(manifest));
    const dataset = await loadManifest('memory://dataset', () => store);
    const { warnings } = await inspectDataset(dataset, () => {});
    assert.deepEqual(warnings, [
      'bags b0, b2, b5 have the same content, but lie in train and test: scores will be too good',
      'bags b1, b4 have the same content, but lie in train and test: scores will be too good',
    ]);
    const whole = store.calls.filter((call) => call.endsWith(`+${contents[0].length}`));
    assert.equal(whole.length, 6, 'all pieces agree with another one, so all are read');
  });

  it('fits the terminal and tells the first warnings only', () => {
    const manifest = manifestOf(Array.from({ length: 30 }, (_, i) => ({ instances: 1 + i * i * 100 })));
    const summary = describeDataset(manifest, new Map(), []);
    for (const columns of [24, 40, 80, 200]) {
      const lines = datasetPage(summary, columns);
      const bars = lines.filter((line) => line.includes('█'));
      assert.ok(bars.length > 3);
      assert.ok(
        bars.every((line) => line.length <= Math.max(columns, 40)),
        `${columns} columns`,
      );
      if (columns < 40) assert.ok(bars.every((line) => line.length <= columns + 4));
    }
    assert.match(datasetPage(summary, 80).join('\n'), /30 warnings:\n(.*\n){10} {2}… and 20 more/);
  });
});

describe('histogram', () => {
  it('puts each number into one bin that holds it, in few bins that follow on each other', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, (numbers) => {
        const bins = histogram(numbers);
        for (const [i, { from, to, count }] of bins.entries()) {
          assert.equal(count, numbers.filter((number) => number >= from && number <= to).length);
          if (i > 0) assert.equal(from, bins[i - 1].to + 1);
        }
        assert.equal(
          bins.reduce((sum, bin) => sum + bin.count, 0),
          numbers.length,
        );
        assert.ok(bins.length <= 18);
      }),
    );
  });

  it('bins few sizes one by one, and wide ones by 1-2-5', () => {
    assert.deepEqual(histogram([3, 5, 5]), [
      { from: 3, to: 3, count: 1 },
      { from: 4, to: 4, count: 0 },
      { from: 5, to: 5, count: 2 },
    ]);
    assert.deepEqual(
      histogram([30, 900]).map(({ from }) => from),
      [20, 50, 100, 200, 500],
    );
    assert.deepEqual(histogram([]), []);
  });
});
