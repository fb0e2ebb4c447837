import assert from 'node:assert/strict';
import { datasetPage } from '@bagfleet/orchestrator/datasets/dataset-page';
import { describeDataset } from '@bagfleet/orchestrator/datasets/describe-dataset';
import { histogram } from '@bagfleet/orchestrator/datasets/histogram';
import { inspectDataset } from '@bagfleet/orchestrator/datasets/inspect-dataset';
import { manifestBytes } from '@bagfleet/orchestrator/datasets/manifest-file';
import { manifestWarnings } from '@bagfleet/orchestrator/datasets/warnings/manifest-warnings';
import { objectWarnings, sharedObjects } from '@bagfleet/orchestrator/datasets/warnings/objects';
import type { Warning } from '@bagfleet/orchestrator/datasets/warnings/warning';
import { CounterRng } from '@bagfleet/proto/counter-rng';
import { type BagEntry, type DatasetManifest, objectsOf } from '@bagfleet/proto/dataset-manifest';
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

const messages = (warnings: readonly Warning[]) => warnings.map(({ message }) => message);

describe('describe a dataset', () => {
  it('counts splits, classes, patients and sizes', () => {
    const manifest = manifestOf([
      { instances: 5, fold: 0, patient: 'p' },
      { instances: 1, fold: 1, patient: 'p' },
      { instances: 9, fold: 0, split: 'test' },
      { instances: 7, fold: 2, split: 'test' },
    ]);
    const { splits, folds, bagSizes, instances } = describeDataset(manifest);
    assert.deepEqual(splits, [
      { split: 'train', bags: 2, instances: 6, patients: 1, perClass: [1, 1], targets: [] },
      { split: 'test', bags: 2, instances: 16, patients: 0, perClass: [1, 1], targets: [] },
    ]);
    assert.deepEqual(
      [folds, instances, bagSizes.smallest, bagSizes.median, bagSizes.largest],
      [3, 22, 1, 6, 9],
    );
  });

  it('says of other tasks what there is to say', () => {
    const of = (
      task: DatasetManifest['task'],
      classes: string[],
      targets: number[][],
      labels = [0, 1, 1],
    ) => {
      const bags = targets.map((values, i) => ({ targets: values, label: labels[i] }));
      const [{ perClass, targets: told }] = describeDataset({ ...manifestOf(bags), task, classes }).splits;
      return { perClass, told };
    };
    assert.deepEqual(
      of(
        'multilabel',
        ['a', 'b', 'c'],
        [
          [1, 0, 1],
          [1, 1, 0],
          [1, 0, 0],
        ],
      ),
      {
        perClass: [3, 1, 1],
        told: [],
      },
    );
    assert.deepEqual(
      of(
        'survival',
        ['alive', 'dead'],
        [
          [12, 0],
          [3, 1],
          [7.5, 1],
        ],
      ),
      {
        perClass: [1, 2],
        told: [{ name: 'time', smallest: 3, median: 7.5, largest: 12 }],
      },
    );
    assert.deepEqual(
      of(
        'regression',
        ['til', 'age'],
        [
          [0.5, 60],
          [0.25, 40],
          [1, 50],
        ],
      ),
      {
        perClass: [],
        told: [
          { name: 'til', smallest: 0.25, median: 0.5, largest: 1 },
          { name: 'age', smallest: 40, median: 50, largest: 60 },
        ],
      },
    );
  });

  it('fits the terminal and tells the first warnings only', () => {
    const manifest = manifestOf(Array.from({ length: 30 }, (_, i) => ({ instances: 1 + i * i * 100 })));
    const warnings = objectWarnings(manifest.bags, new Map());
    for (const columns of [24, 40, 80, 200]) {
      const lines = datasetPage(describeDataset(manifest), warnings, columns);
      const bars = lines.filter((line) => line.includes('█'));
      assert.ok(bars.length > 3);
      assert.ok(
        bars.every((line) => line.length <= Math.max(columns, 40)),
        `${columns} columns`,
      );
      if (columns < 40) assert.ok(bars.every((line) => line.length <= columns + 4));
      const told = lines.slice(lines.indexOf('30 warnings:') + 1);
      assert.equal(told.filter((line) => line.startsWith('  ! ')).length, 10);
      assert.ok(told.every((line) => line.length <= Math.max(columns, 40)));
      assert.match(told.at(-1) ?? '', /… and 20 more/);
    }
  });
});

describe('what the manifest shows', () => {
  it('warns of patients in several splits and folds, and of classes that a split lacks, and never names a patient', () => {
    const manifest = manifestOf([
      {},
      {},
      { patient: 'Jane Roe' },
      { patient: 'Jane Roe', split: 'test' },
      { patient: 'John Doe', fold: 1 },
      { patient: 'John Doe', fold: 2 },
    ]);
    assert.deepEqual(messages(manifestWarnings(manifest)), [
      'bags b2, b3 are of one patient, but lie in train and test: scores will be too good',
      'bags b4, b5 are of one patient, but of several folds',
      'test has no bag of class no',
      'bags b2, b3, b4, b5: id, patient or file name looks like the name of a person',
    ]);
    assert.ok(!JSON.stringify(manifestWarnings(manifest)).includes('Roe'));
  });

  it('warns of few bags of a class, of single instances and of giants', () => {
    const manifest = manifestOf(
      Array.from({ length: 30 }, (_, i) => ({
        label: i === 7 || i === 8 ? 1 : 0,
        instances: i === 3 ? 1 : i === 4 ? 5001 : 100,
      })),
    );
    assert.deepEqual(messages(manifestWarnings(manifest)), [
      'train has only 2 bags of class yes',
      'bag b3 has one instance only',
      'bag b4 has more than 50 times as many instances as most bags',
    ]);
  });

  it('warns of a file that two bags have, or one twice', () => {
    const part = (key: string) => ({ key, bytes: 50, instances: 1 });
    const manifest = manifestOf([
      { parts: [part('x.npy'), part('y.npy')], instances: 2 },
      { parts: [part('z.npy'), part('x.npy')], instances: 2, split: 'test' },
      { parts: [part('w.npy'), part('w.npy')], instances: 2 },
      { split: 'test' },
    ]);
    assert.deepEqual(messages(sharedObjects(manifest.bags)), [
      'bags b0, b1 have a file in common, but lie in train and test: scores will be too good',
      'bag b2 has one file twice',
    ]);
  });
});

describe('what the folder shows', () => {
  const listing = ({ bags }: DatasetManifest) =>
    new Map(bags.flatMap(objectsOf).map(({ key, bytes, etag = 'e' }) => [key, { bytes, etag }]));

  it('is missing, or has changed; bags of several files are looked at file by file', () => {
    const part = (key: string) => ({
      key,
      bytes: 50,
      instances: 1,
      coords: { key: `${key}.coords`, bytes: 9 },
    });
    const manifest = manifestOf([
      {},
      {},
      { etag: 'e' },
      {},
      { parts: [part('x.npy'), part('y.npy')], instances: 2 },
    ]);
    const folder = listing(manifest);
    assert.deepEqual(objectWarnings(manifest.bags, folder), []);
    folder.delete('bags/b0.npy');
    folder.set('bags/b1.npy', { bytes: 99, etag: 'e' });
    folder.set('bags/b2.npy', { bytes: 100, etag: 'f' });
    folder.delete('y.npy');
    folder.delete('y.npy.coords');
    assert.deepEqual(messages(objectWarnings(manifest.bags, folder)), [
      'bag b0: bags/b0.npy is not there',
      'bag b1: bags/b1.npy has 99 bytes, the manifest says 100',
      'bag b2: bags/b2.npy has changed since it was indexed',
      'bag b4: y.npy is not there (and 1 more of its files)',
    ]);
  });
});

describe('what the contents show', () => {
  const content = (seed: number, scale = 1) =>
    writeNpy(
      Float32Array.from({ length: 3000 }, (_, i) => scale * Math.sin(i + seed)),
      [1000, 3],
    );

  async function inspected(contents: readonly Uint8Array[], deep: boolean, twoFiles = false) {
    const store = new MemoryStore();
    const bags = contents.map((bytes, i): Partial<BagEntry> => {
      store.objects.set(`bags/b${i}.npy`, bytes);
      if (!twoFiles) return { bytes: bytes.length, instances: 1000, split: i < 4 ? 'train' : 'test' };
      store.objects.set(`bags/c${i}.npy`, content(100 + i));
      const part = { bytes: bytes.length, instances: 1000 };
      const parts = ['b', 'c'].map((name) => ({ key: `bags/${name}${i}.npy`, ...part }));
      return { key: 'bags/', parts, bytes: 2 * bytes.length, instances: 2000 };
    });
    store.objects.set('manifest.json', manifestBytes(manifestOf(bags)));
    const dataset = await loadManifest('memory://dataset', () => store);
    return { store, warnings: await inspectDataset(dataset, { deep, progress: () => {} }) };
  }

  it('finds bags with the same content by their bytes alone', async () => {
    const almost = content(1);
    almost[almost.length - 1] ^= 1; // the middle is the same, the end is not
    const contents = [content(1), content(2), content(1), almost, content(2), content(1)];
    const { store, warnings } = await inspected(contents, false);
    assert.deepEqual(messages(warnings), [
      'bags b0, b2, b5 have the same content, and different labels, but lie in train and test: scores will be too good',
      'bags b1, b4 have the same content, and different labels, but lie in train and test: scores will be too good',
    ]);
    const whole = store.calls.filter((call) => call.endsWith(`+${contents[0].length}`));
    assert.equal(whole.length, 6, 'all pieces agree with another one, so all are read');
  });

  it('compares bags of several files by all of them', async () => {
    const { warnings } = await inspected([content(1), content(1)], false, true);
    assert.deepEqual(warnings, []);
  });

  it('finds what is not finite, constant, copied, of another scale or of another type', async () => {
    const values = (make: (i: number) => number) => Float32Array.from({ length: 3000 }, (_, i) => make(i));
    const sine = (i: number) => Math.sin(i * 1.7);
    const contents = [
      ...[3, 4, 5, 6, 7].map((seed) => content(seed)),
      writeNpy(
        values((i) => (i === 1234 ? Number.NaN : sine(i))),
        [1000, 3],
      ),
      writeNpy(
        values(() => 2),
        [1000, 3],
      ),
      writeNpy(
        values((i) => sine((i % 3) + 3 * (i % 9 < 3 ? Math.floor(i / 9) : 0))),
        [1000, 3],
      ),
      content(8, 7),
      writeNpy(
        new Uint8Array(new CounterRng(1, ['bytes']).uint32(3000).map((bits) => bits % 256)),
        [1000, 3],
      ),
    ];
    const { warnings } = await inspected(contents, true);
    assert.deepEqual(
      warnings.map(({ code, bags }) => [code, ...bags]),
      [
        ['bag-unreadable', 'b5'],
        ['bag-constant', 'b6'],
        ['instances-identical', 'b7'],
        ['scale-odd', 'b8'],
        ['types-mixed', 'b9'],
      ],
    );
    assert.match(warnings[0].message, /b5.*instance 411, value 1 holds NaN/);
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
