import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type IndexOptions, indexBags } from '@bagfleet/orchestrator/datasets/index-bags';
import { readLabels } from '@bagfleet/orchestrator/datasets/labels/labels-csv';
import { manifestBytes } from '@bagfleet/orchestrator/datasets/manifest-file';
import { parseDatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { MemoryStore } from '../../../support/memory-store.js';

const FIXTURES = new URL('../../../fixtures/npy/', import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));
const bagOf = (instances: number, width = 3) =>
  writeNpy(new Float32Array(instances * width), [instances, width]);

interface Given {
  readonly files?: Record<string, Uint8Array>;
  readonly csv?: string;
  readonly split?: string;
  readonly seed?: number;
}

const FILES = {
  'bags/a.npy': bagOf(5),
  'bags/b.npy': bagOf(2),
  'deep/er/c.npy': bagOf(9),
  'notes.txt': Buffer.from('hi'),
};
const CSV = 'id,label\na,0\nb,1\nc,0\n';

async function index({ files = FILES, csv = CSV, split, seed = 1 }: Given) {
  const store = new MemoryStore('s3://bucket/slides');
  for (const [key, bytes] of Object.entries(files)) store.objects.set(key, bytes);
  const labels = readLabels(csv, 'labels.csv');
  const options: IndexOptions = {
    ...{ store, labels, split, seed, name: 'slides', progress: () => {} },
    ...{ task: 'classification', bagBy: 'slide', skipBad: false },
  };
  try {
    return { ...(await indexBags(options)), store };
  } finally {
    assert.ok(!store.calls.some((call) => call.startsWith('put')), 'nothing is written');
  }
}

async function refusal(given: Given): Promise<BagfleetError> {
  const thrown = await index(given).then(
    () => assert.fail('nothing was refused'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  assert.equal(thrown.exitCode, 2);
  assert.ok(thrown.hint, 'says what to do');
  return thrown;
}

describe('index a folder of bags', () => {
  it('makes the manifest from headers alone', async () => {
    const { manifest, store } = await index({
      csv: 'id,label,split,fold,patient\na,0,train,0,p1\nb,1,val,1,p2\nc,0,test,,\n',
    });
    const etagOf = async (key: string) => (await store.head(key))?.etag;
    assert.deepEqual(manifest, {
      schemaVersion: 1,
      name: 'slides',
      instanceShape: [3],
      classes: ['0', '1'],
      bags: [
        {
          id: 'a',
          key: 'bags/a.npy',
          bytes: 188,
          etag: await etagOf('bags/a.npy'),
          instances: 5,
          label: 0,
          split: 'train',
          fold: 0,
          patient: 'p1',
        },
        {
          id: 'b',
          key: 'bags/b.npy',
          bytes: 152,
          etag: await etagOf('bags/b.npy'),
          instances: 2,
          label: 1,
          split: 'val',
          fold: 1,
          patient: 'p2',
        },
        {
          id: 'c',
          key: 'deep/er/c.npy',
          bytes: 236,
          etag: await etagOf('deep/er/c.npy'),
          instances: 9,
          label: 0,
          split: 'test',
        },
      ],
    });
    assert.deepEqual(
      [...store.calls].sort(),
      ['bags/a.npy 0+188', 'bags/b.npy 0+152', 'deep/er/c.npy 0+236'].map((range) => `get ${range}`),
    );
    assert.deepEqual(
      parseDatasetManifest(JSON.parse(Buffer.from(manifestBytes(manifest)).toString()), 'x'),
      manifest,
    );
  });

  it('reads tiles and long headers', async () => {
    const tiles = writeNpy(new Uint8Array(2 * 4 * 4 * 3), [2, 4, 4, 3]);
    const dataStart = 128 + 64 * 5;
    const long = Buffer.concat([
      tiles.subarray(0, 127),
      Buffer.alloc(dataStart - 128, ' '),
      Buffer.from('\n'),
      tiles.subarray(128),
    ]);
    long.writeUInt16LE(dataStart - 10, 8);
    const { manifest } = await index({
      files: { 'a.npy': tiles, 'b.npy': long },
      csv: 'id,label\na,0\nb,1\n',
    });
    assert.deepEqual(manifest.instanceShape, [4, 4, 3]);
  });

  it('splits by class, and another seed otherwise', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const files = Object.fromEntries(names.map((name) => [`${name}.npy`, bagOf(1)]));
    const csv = `id,label\n${names.map((name, i) => `${name},${i % 2}`).join('\n')}\n`;
    const splitsWith = async (seed: number) =>
      (await index({ files, csv, split: 'train=0.5,val=0.25,test=0.25', seed })).manifest.bags;
    const bags = await splitsWith(1);
    const counts = ['train', 'val', 'test'].map((split) =>
      [0, 1].map((label) => bags.filter((bag) => bag.split === split && bag.label === label).length),
    );
    assert.deepEqual(counts, [
      [10, 10],
      [5, 5],
      [5, 5],
    ]);
    assert.deepEqual(await splitsWith(1), bags);
    assert.notDeepEqual(await splitsWith(2), bags);
  });

  it('a bag without a label is named', async () => {
    const error = await refusal({ csv: 'id,label\na,0\n' });
    assert.equal(error.code, 'label-missing');
    assert.equal(error.culprit, 'bag b, file bags/b.npy');
    assert.match(error.message, /and 1 more/);
  });

  it('a label for no bag is named, with its row', async () => {
    const error = await refusal({ csv: `${CSV}ghost,1\n` });
    assert.equal(error.code, 'label-orphan');
    assert.equal(error.culprit, 'labels.csv, line 5');
    assert.match(error.message, /no bag ghost/);
  });

  const broken: [what: string, file: Uint8Array, code: string, message: RegExp][] = [
    ['an empty bag', bagOf(0), 'bag-empty', /no instances/],
    ['an empty array', writeNpy(new Float32Array(0), [0]), 'bag-empty', /no instances/],
    ['a bag of another width', bagOf(4, 7), 'bag-width', /\(4, 7\).*\(instances, 3\)/],
    ['a bag with one axis', writeNpy(new Float32Array(3), [3]), 'bag-width', /\(3\)/],
    ['a truncated bag', bagOf(50).subarray(0, 300), 'bag-truncated', /428 are missing/],
    ['a bag cut in its header', bagOf(50).subarray(0, 60), 'bag-truncated', /60 bytes/],
    ['bytes after the values', Buffer.concat([bagOf(2), Buffer.alloc(8)]), 'bag-truncated', /8 bytes after/],
    ['no .npy file at all', Buffer.from('{"features": []}'), 'bag-format', /does not begin/],
    ['Fortran order', fixture('fortran'), 'bag-format', /Fortran/],
    ['integers', fixture('int64'), 'bag-format', /int64/],
  ];
  for (const [what, file, code, message] of broken)
    it(`${what} is named`, async () => {
      const error = await refusal({ files: { ...FILES, 'bags/b.npy': file } });
      assert.equal(error.code, code);
      assert.equal(error.culprit, 'bag b, file bags/b.npy');
      assert.match(error.message, message);
    });

  it('the odd one is blamed, not the first', async () => {
    assert.equal(
      (await refusal({ files: { ...FILES, 'bags/a.npy': bagOf(1, 8) } })).culprit,
      'bag a, file bags/a.npy',
    );
  });

  it('two files of one name, no files, a column split with a gap', async () => {
    const twins = await refusal({ files: { ...FILES, 'copy/a.npy': bagOf(1) } });
    assert.equal(twins.culprit, 'bag a, file copy/a.npy');
    assert.match(twins.message, /bags\/a\.npy/);
    assert.equal((await refusal({ files: {} })).code, 'bag-missing');
    const gap = await refusal({ csv: 'id,label,split\na,0,train\nb,1,\nc,1,test\n' });
    assert.equal(gap.culprit, 'labels.csv, line 3');
  });
});
