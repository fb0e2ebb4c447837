/**
 * `bagfleet data index` on the folders that people have, as their tools lay them out; and that what it wrote is read.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { madeUpHdf5Bag } from '../../support/made-up-hdf5.js';
import { madeUpNpy } from '../../support/made-up-npy.js';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { s3InTests } from '../../support/s3-server.js';
import { tempFolder } from '../../support/temp-folder.js';
import { plainOptions } from '../storage/store-options.js';

const npy = (instances: number, width = 3) =>
  writeNpy(new Float32Array(instances * width).fill(0.5), [instances, width]);
const h5 = (instances: number, width = 3) =>
  madeUpHdf5Bag({
    type: 'float32',
    shape: [instances, width],
    values: new Uint8Array(new Float32Array(instances * width).fill(0.5).buffer),
  });
const labelOf = (value: number) =>
  madeUpNpy('<i8', [1], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer));
const tile = () => readFile(new URL('../../fixtures/tiles/png/grey.png', import.meta.url));

const SLIDES = ['s1', 's2', 's10', 's11'];
const CSV = 'slide_id,label,case_id\ns1,0,p1\ns2,0,p1\ns10,1,p2\ns11,1,p3\n';

describe('data index on the folders that people have', function () {
  this.timeout(60_000);
  const temp = tempFolder();
  const server = s3InTests();
  const index = (...words: string[]) =>
    runCli(['data', 'index', 'slides', '--labels', 'labels.csv', '--split', 'train=1', ...words], {
      cwd: temp.path,
    });
  const put = async (files: Readonly<Record<string, Uint8Array | string>>) => {
    for (const [key, content] of Object.entries(files)) {
      await mkdir(dirname(join(temp.path, key)), { recursive: true });
      await writeFile(join(temp.path, key), content);
    }
  };
  const manifest = async () =>
    JSON.parse(await readFile(join(temp.path, 'slides/manifest.json'), 'utf8')) as DatasetManifest;
  const everySlide = (key: (slide: string, i: number) => string, file: (i: number) => Uint8Array) =>
    Object.fromEntries(SLIDES.map((slide, i) => [`slides/${key(slide, i)}`, file(i)]));
  /** Reads each bag as a worker does. */
  const readAll = async (uri: string, options = plainOptions({})) => {
    const dataset = await loadManifest(uri, (place) => openStore(place, options));
    const reader = bagReader({
      store: dataset.store,
      instanceShape: dataset.manifest.instanceShape,
    });
    try {
      return await Promise.all(dataset.manifest.bags.map((bag) => reader.read(bag)));
    } finally {
      dataset.store.close();
    }
  };
  beforeEach(() => put({ 'labels.csv': CSV }));

  it("TRIDENT's job folder, one of several encoders", async () => {
    const job = 'slides/20x_256px_0px_overlap';
    await put({
      ...everySlide(
        (slide) => `20x_256px_0px_overlap/features_uni_v1/${slide}.h5`,
        (i) => h5(i + 1),
      ),
      ...everySlide(
        (slide) => `20x_256px_0px_overlap/features_resnet50/${slide}.h5`,
        (i) => h5(i + 1, 5),
      ),
      [`${job}/patches/s1_patches.h5`]: h5(9),
      'slides/thumbnails/s1.jpg': 'x',
    });
    assertRefused(await index(), /there are 2 folders of features: .*features_resnet50, .*features_uni_v1\n/);
    const answer = await index('--features', 'uni_v1');
    assert.equal(answer.code, 0, answer.stderr);
    const { bags, instanceShape } = await manifest();
    assert.deepEqual([instanceShape, bags.map(({ id }) => id)], [[3], ['s1', 's10', 's11', 's2']]);
    const read = await readAll(join(temp.path, 'slides'));
    assert.deepEqual(
      read.map((bag) => [bag.id, bag.instances, bag.coords?.length]),
      [
        ['s1', 1, 2],
        ['s10', 3, 6],
        ['s11', 4, 8],
        ['s2', 2, 4],
      ],
    );
  });

  it("CLAM's folders: .h5 before .pt, its splits and folds", async () => {
    await put({
      ...everySlide(
        (slide) => `h5_files/${slide}.h5`,
        (i) => h5(i + 1),
      ),
      ...everySlide(
        (slide) => `pt_files/${slide}.pt`,
        () => Buffer.from('not read'),
      ),
      'splits_0.csv': ',train,val,test\n0,s1,s10,s11\n1,s2,,\n',
    });
    const words = ['data', 'index', 'slides', '--labels', 'labels.csv'];
    const answer = await runCli([...words, '--splits', 'splits_0.csv'], { cwd: temp.path });
    assert.equal(answer.code, 0, answer.stderr);
    assert.deepEqual(
      (await manifest()).bags.map(({ key, split }) => [key, split]),
      [
        ['h5_files/s1.h5', 'train'],
        ['h5_files/s10.h5', 'val'],
        ['h5_files/s11.h5', 'test'],
        ['h5_files/s2.h5', 'train'],
      ],
    );
    assert.equal((await index('--folds', '2')).code, 0);
    const foldOf = new Map((await manifest()).bags.map(({ id, fold }) => [id, fold]));
    assert.deepEqual(new Set(foldOf.values()), new Set([0, 1]));
    assert.equal(foldOf.get('s1'), foldOf.get('s2'), 'slides of one patient are in one fold');
    assertRefused(await index('--folds', '4'), /^--folds 4: some folds would be empty\n/);
    await put({ 'splits_0.csv': ',train,val,test\n0,s1,s10,s11\n1,s1,,\n' });
    assertRefused(
      await runCli([...words, '--splits', 'splits_0.csv'], { cwd: temp.path }),
      /^splits_0\.csv: bag s2 is in no split\n/,
    );
  });

  it("torchmil's folders, labels and what lies beside the features with them", async () => {
    const ints = (count: number) => madeUpNpy('<i8', [count], new Uint8Array(count * 8));
    await put({
      ...everySlide(
        (slide) => `features/features_UNI/${slide}.npy`,
        (i) => npy(i + 1),
      ),
      ...everySlide(
        (slide) => `labels/${slide}.npy`,
        (i) => labelOf(i % 2),
      ),
      ...everySlide(
        (slide) => `inst_labels/${slide}.npy`,
        (i) => ints(i + 1),
      ),
      ...everySlide(
        (slide) => `coords/${slide}.npy`,
        (i) => npy(i + 1, 2),
      ),
    });
    const answer = await runCli(['data', 'index', 'slides', '--split', 'train=1'], { cwd: temp.path });
    assert.equal(answer.code, 0, answer.stderr);
    assert.deepEqual(
      (await manifest()).bags.map(({ id, label }) => [id, label]),
      [
        ['s1', 0],
        ['s10', 0],
        ['s11', 1],
        ['s2', 1],
      ],
    );
    const read = await readAll(join(temp.path, 'slides'));
    assert.deepEqual(
      read.map((bag) => [bag.instances, bag.coords?.length, bag.instanceLabels?.length]),
      [
        [1, 2, 1],
        [3, 6, 3],
        [4, 8, 4],
        [2, 4, 2],
      ],
    );
  });

  it('all slides of a patient as one bag, whose labels agree', async () => {
    await put(
      everySlide(
        (slide) => `${slide}.npy`,
        (i) => npy(i + 1),
      ),
    );
    const answer = await index('--bag-by', 'patient');
    assert.equal(answer.code, 0, answer.stderr);
    const read = await readAll(join(temp.path, 'slides'));
    assert.deepEqual(
      read.map((bag) => [bag.id, bag.instances, bag.offsets]),
      [
        ['p1', 3, [0, 1, 3]],
        ['p2', 3, [0, 3]],
        ['p3', 4, [0, 4]],
      ],
    );
    await put({ 'labels.csv': CSV.replace('s2,0', 's2,1') });
    assertRefused(await index('--bag-by', 'patient'), /^labels\.csv, line 3: s1 and s2 are of one patient/);
  });

  it('bad bags are told all at once, and left out if somebody says so', async () => {
    await put(
      everySlide(
        (slide) => `${slide}.npy`,
        (i) => (i < 2 ? npy(i + 1) : npy(2).subarray(0, 130)),
      ),
    );
    await put({ 'labels.csv': CSV.replace('s2,0', 's2,1') });
    const refused = await index();
    assertRefused(refused, /2 bags can't be read:\n {2}bag s10, .*\n {2}bag s11, /);
    const answer = await index('--skip-bad');
    assert.equal(answer.code, 0, answer.stderr);
    assert.match(answer.stderr, /^2 left out.*\n {2}bag s10, .*\n {2}bag s11, /);
    assert.deepEqual(
      (await manifest()).bags.map(({ id }) => id),
      ['s1', 's2'],
    );
  });

  it('survival, regression, multilabel and ordinal labels', async () => {
    await put(
      everySlide(
        (slide) => `${slide}.npy`,
        (i) => npy(i + 1),
      ),
    );
    await put({
      'labels.csv':
        'id,time,event,er,grade\ns1,5.5,1,yes,low\ns2,7,0,no,high\ns10,1,1,no,mid\ns11,9,0,yes,low\n',
    });
    const asked = async (...words: string[]) => {
      const answer = await index('--task', ...words);
      assert.equal(answer.code, 0, answer.stderr);
      const { task, classes, bags } = await manifest();
      return [task, classes, bags.map(({ targets, label }) => targets ?? label)];
    };
    assert.deepEqual(await asked('survival'), [
      'survival',
      ['censored', 'event'],
      [
        [5.5, 1],
        [1, 1],
        [9, 0],
        [7, 0],
      ],
    ]);
    assert.deepEqual(await asked('regression', '--label-columns', 'time'), [
      'regression',
      ['time'],
      [[5.5], [1], [9], [7]],
    ]);
    assert.deepEqual(await asked('multilabel', '--label-columns', 'event,er'), [
      'multilabel',
      ['event', 'er'],
      [
        [1, 1],
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    ]);
    const order = ['--label-columns', 'grade', '--classes', 'low,mid,high'];
    assert.deepEqual(await asked('ordinal', ...order), ['ordinal', ['low', 'mid', 'high'], [0, 1, 0, 2]]);
    assertRefused(await index('--task', 'ordinal', '--label-columns', 'grade'), /which order do the labels/);
    assertRefused(
      await index('--task', 'survival', '--label-columns', 'event,time'),
      /^labels\.csv, line 2: bag s1 has "5\.5", which is not a time/,
    );
  });

  it('folders of tiles on S3, in natural order', async () => {
    const store = await openStore(`${server.uri}/tiles`, plainOptions({ endpoint: server.endpoint }));
    for (const slide of ['a', 'b'])
      for (const i of [1, 10, 2]) await store.put(`${slide}/tile_${i}.png`, await tile());
    store.close();
    await put({ 'labels.csv': 'id,label\na,0\nb,1\n' });
    const words = ['data', 'index', `${server.uri}/tiles`, '--labels', 'labels.csv', '--split', 'train=1'];
    const answer = await runCli([...words, '--endpoint', server.endpoint], {
      cwd: temp.path,
      env: server.env,
    });
    assert.equal(answer.code, 0, answer.stderr);
    const options = plainOptions({ endpoint: server.endpoint });
    const dataset = await loadManifest(`${server.uri}/tiles`, (place) => openStore(place, options));
    dataset.store.close();
    const [{ key, instances, parts }] = dataset.manifest.bags;
    assert.deepEqual(
      [key, instances, parts?.map((part) => part.key)],
      ['a/', 3, ['a/tile_1.png', 'a/tile_2.png', 'a/tile_10.png']],
    );
    const read = await readAll(`${server.uri}/tiles`, options);
    assert.deepEqual(
      read.map((bag) => bag.instances),
      [3, 3],
    );
  });
});
