/** Bags of tiles, of files with others beside them, and of graphs, as a worker reads them from a store. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { BagEntry, BagPart } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { GraphSpec } from '@bagfleet/proto/graph-spec';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { openZip } from '@bagfleet/worker/data/zip/zip-archive';
import { madeUpNpy } from '../../../support/made-up-npy.js';
import { MemoryStore } from '../../../support/memory-store.js';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, FIXTURES)));
const GRID: GraphSpec = { kind: 'grid', k: 8, radius: 512, step: null };

/** A store with these objects, and their entries in a manifest. */
function stored(objects: Readonly<Record<string, Uint8Array>>) {
  const store = new MemoryStore('memory://slides');
  for (const [key, bytes] of Object.entries(objects)) store.objects.set(key, bytes);
  return { store, object: (key: string) => ({ key, bytes: objects[key].length }) };
}

function bagOf(parts: BagPart[]): BagEntry {
  const [first] = parts;
  const sum = (of: (part: BagPart) => number) => parts.reduce((total, part) => total + of(part), 0);
  const whole = { ...first, bytes: sum(({ bytes }) => bytes), instances: sum(({ instances }) => instances) };
  return { ...whole, id: 'b7', ...(parts.length > 1 ? { parts } : {}), label: 0, split: 'train' };
}

async function refusal(read: Promise<unknown>): Promise<BagfleetError> {
  const thrown = await read.then(
    () => assert.fail('nothing was refused'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  assert.ok(thrown.hint);
  return thrown;
}

describe('read bags of tiles', () => {
  const panda = JSON.parse(Buffer.from(fixture('tiles/panda.json')).toString()) as {
    shape: number[];
    sha256: string;
  };
  const [tiles, ...instanceShape] = panda.shape;
  const archive = fixture('tiles/panda.zip');
  const digest = (values: ArrayBufferView) =>
    createHash('sha256')
      .update(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
      .digest('hex');

  it('gives the pixels of 16 tiles of a slide, packed in an archive', async () => {
    const { store, object } = stored({ 'slide.zip': archive });
    const bag = await bagReader({ store, instanceShape }).read(
      bagOf([{ ...object('slide.zip'), instances: tiles }]),
    );
    assert.deepEqual([bag.instances, ...bag.instanceShape, bag.type], [16, 128, 128, 3, 'uint8']);
    assert.equal(digest(bag.features), panda.sha256);
    assert.deepEqual(bag.offsets, [0, 16]);
  });

  it('gives the same pixels of 16 files, one per tile', async () => {
    const zip = await openZip(bytesInMemory(archive), { bag: 'b7', file: 'panda.zip' });
    const objects: Record<string, Uint8Array> = {};
    for (const entry of zip.entries.values()) objects[`slide/${entry.name}`] = await zip.read(entry);
    const { store, object } = stored(objects);
    const parts = Object.keys(objects).map((key) => ({ ...object(key), instances: 1 }));
    const bag = await bagReader({ store, instanceShape }).read(bagOf(parts));
    assert.equal(digest(bag.features), panda.sha256);
    assert.equal(bag.coords, null);
    const none = await refusal(bagReader({ store, instanceShape, graph: GRID }).read(bagOf(parts)));
    assert.match(none.message, /no coordinates, from which job field data.graph builds edges/);
    assert.equal(none.culprit, `bag b7, file ${parts[0].key}`);
  });

  it('names the tile that has another size than the dataset', async () => {
    const { store, object } = stored({
      's/0_0.jpg': fixture('tiles/jpeg/plain.jpeg'),
      's/0_1.jpg': fixture('tiles/jpeg/odd_size.jpeg'),
    });
    const parts = ['s/0_0.jpg', 's/0_1.jpg'].map((key) => ({ ...object(key), instances: 1 }));
    const error = await refusal(bagReader({ store, instanceShape: [24, 20, 3] }).read(bagOf(parts)));
    assert.equal(error.code, 'bag-width');
    assert.equal(error.culprit, 'bag b7, file s/0_1.jpg');
    assert.match(error.message, /\(1, 23, 17, 3\), the dataset's bags are \(instances, 24, 20, 3\)/);
  });

  it('builds one graph over the tiles of a folder, and none between folders', async () => {
    const image = fixture('tiles/png/grey.png');
    const keys = ['s1/0_0.png', 's1/0_20.png', 's1/20_20.png', 's2/0_0.png', 's2/20_0.png'];
    const { store, object } = stored(Object.fromEntries(keys.map((key) => [key, image])));
    const parts = keys.map((key) => ({ ...object(key), instances: 1 }));
    const bag = await bagReader({ store, instanceShape: [24, 20, 1], graph: GRID }).read(bagOf(parts));
    const [sources, targets] = [
      [1, 2, 0, 2, 0, 1, 4, 3],
      [0, 0, 1, 1, 2, 2, 3, 4],
    ];
    assert.deepEqual([...(bag.edges ?? [])], [...sources, ...targets]);
  });
});

describe('read what lies beside a bag', () => {
  const features = writeNpy(new Float32Array(3 * 2).fill(1), [3, 2]);
  const beside = {
    coords: madeUpNpy('<i8', [3, 2], Buffer.from(BigInt64Array.of(0n, 0n, 9n, 0n, 0n, 9n).buffer)),
    instanceLabels: madeUpNpy('|u1', [3], Buffer.of(0, 1, 1)),
    edges: madeUpNpy('<i4', [2, 2], Buffer.from(Int32Array.of(0, 1, 1, 2).buffer)),
  };

  async function read(
    files: Partial<Record<keyof typeof beside, Uint8Array>>,
    graph: GraphSpec | null = null,
  ) {
    const keyed = Object.entries(files).map(([role, bytes]) => [`${role}/b7.npy`, bytes] as const);
    const { store, object } = stored({ 'features/b7.npy': features, ...Object.fromEntries(keyed) });
    const named = Object.fromEntries(Object.keys(files).map((role) => [role, object(`${role}/b7.npy`)]));
    const part = { ...object('features/b7.npy'), instances: 3, ...named };
    return bagReader({ store, instanceShape: [2], graph }).read(bagOf([part]));
  }

  it('gives coordinates, labels and edges from files of their own', async () => {
    const bag = await read(beside);
    assert.deepEqual([...(bag.coords ?? [])], [0, 0, 9, 0, 0, 9]);
    assert.deepEqual([...(bag.instanceLabels ?? [])], [0, 1, 1]);
    assert.deepEqual([...(bag.edges ?? [])], [0, 1, 1, 2]);
    const alone = await read({ coords: beside.coords });
    assert.deepEqual([alone.instanceLabels, alone.edges], [null, null]);
  });

  it('takes a dense adjacency matrix for edges', async () => {
    const matrix = Float32Array.of(0, 0.5, 0, 0.5, 0, 1, 0, 1, 0);
    const { edges } = await read({ edges: writeNpy(matrix, [3, 3]) });
    assert.deepEqual([...(edges ?? [])], [0, 1, 1, 2, 1, 0, 2, 1]);
  });

  it('builds edges from those coordinates, in place of those of a file', async () => {
    const { edges } = await read(beside, { ...GRID, kind: 'knn', k: 1 });
    assert.deepEqual([...(edges ?? [])], [1, 0, 0, 0, 1, 2]);
  });

  const wrong: [name: string, files: Parameters<typeof read>[0], culprit: string, message: RegExp][] = [
    [
      'coordinates',
      { coords: writeNpy(new Float32Array(8), [4, 2]) },
      'coords',
      /coords has the shape \(4, 2\)/,
    ],
    ['labels', { instanceLabels: writeNpy(new Float32Array(2), [2]) }, 'instanceLabels', /shape \(2\)/],
    ['edges', { edges: writeNpy(Float32Array.of(0, 3), [2, 1]) }, 'edges', /value 1 of its edge_index is 3/],
    ['no array', { coords: Buffer.from('no array at all') }, 'coords', /./],
  ];
  for (const [name, files, role, message] of wrong)
    it(`refuses ${name} that do not fit, and names their file`, async () => {
      const error = await refusal(read(files));
      assert.match(error.message, message);
      assert.equal(error.culprit, `bag b7, file ${role}/b7.npy`);
    });
});
