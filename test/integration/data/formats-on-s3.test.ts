/**
 * What the original tools wrote, put on real S3 servers and read from there: headers by ranges, bags whole, cut files
 * refused by name.
 */
import assert from 'node:assert/strict';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BAG_SUFFIXES, requireFormat } from '@bagfleet/worker/data/formats/bag-formats';
import { bytesInStore } from '@bagfleet/worker/data/formats/byte-sources';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { bagFixtures } from '../../support/bag-fixtures.js';
import { assertContent, type FormatFile, headerOf } from '../../support/bag-format-contract.js';
import { bagRefusal } from '../../support/bag-refusal.js';
import { npyBags } from '../../support/npy-fixtures.js';
import { onS3Servers } from '../../support/on-s3-servers.js';
import { plainOptions } from '../storage/store-options.js';

const hdf5Bags = bagFixtures('hdf5', '.h5').bags;

/** By the ending of the files. */
const FILES: Readonly<Record<string, readonly FormatFile[]>> = {
  '.npy': npyBags,
  '.npz': bagFixtures('npz', '.npz').bags,
  '.safetensors': bagFixtures('safetensors-bags', '.safetensors').bags,
  '.pt': bagFixtures('torch', '.pt').bags,
  '.png': bagFixtures('tiles/png', '.png').bags,
  '.jpg': bagFixtures('tiles/jpeg', '.jpeg').bags,
  '.jpeg': bagFixtures('tiles/jpeg', '.jpeg').bags,
  '.zip': bagFixtures('tiles/zip', '.zip').bags,
  '.tar': bagFixtures('tiles/tar', '.tar').bags,
  '.h5': hdf5Bags,
  '.hdf5': hdf5Bags.slice(0, 3), // the same files by another ending
};

describe('formats of bags', () => {
  it('all have files of their original tools', () => {
    assert.deepEqual(Object.keys(FILES).sort(), [...BAG_SUFFIXES].sort());
  });
});

onS3Servers('formats of bags', (server) => {
  let store: ObjectStore;
  before(async () => {
    store = await openStore(server.uri, plainOptions({ endpoint: server.endpoint }));
  });
  after(() => store.close());

  for (const [suffix, files] of Object.entries(FILES))
    it(`${suffix} files are read, and cut ones refused`, async () => {
      for (const file of files) {
        const key = `${file.name}${suffix}`;
        await store.put(key, file.bytes);
        await assertRead(store, key, file);
        await store.put(`cut/${key}`, file.bytes.subarray(0, file.bytes.length - 1));
        await assertRefused(store, `cut/${key}`, file);
      }
    });
});

async function assertRead(store: ObjectStore, key: string, { name, bytes, expected }: FormatFile) {
  const reader = bagReader({ store, instanceShape: shapeOf(expected) });
  const bag = await reader.read(entryOf(key, name, bytes.length, expected));
  assertContent(bag, expected);
  const file = { bag: name, file: key };
  const { header } = await requireFormat(file).open(bytesInStore(store, key, bytes.length), file);
  assert.deepEqual(header, headerOf(bag));
}

async function assertRefused(store: ObjectStore, key: string, { name, bytes, expected }: FormatFile) {
  const reader = bagReader({ store, instanceShape: shapeOf(expected) });
  const entry = entryOf(key, name, bytes.length - 1, expected);
  await bagRefusal(() => reader.read(entry), { bag: name, file: key });
}

function shapeOf({ shape }: FormatFile['expected']): readonly number[] {
  return shape.slice(1);
}

function entryOf(key: string, id: string, bytes: number, { shape }: FormatFile['expected']): BagEntry {
  return { id, key, bytes, instances: shape[0] ?? 0, label: 0, split: 'train' };
}
