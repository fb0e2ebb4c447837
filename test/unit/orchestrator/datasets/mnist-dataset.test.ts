import assert from 'node:assert/strict';
import {
  DIGITS_FILE,
  mnistBagsReport,
  prepareMnistBags,
} from '@bagfleet/orchestrator/datasets/mnist-dataset';
import { loadMnistDigits, type MnistDigits } from '@bagfleet/orchestrator/datasets/mnist-digits';
import { BagfleetError } from '@bagfleet/proto/errors';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { MemoryStore } from '../../../support/memory-store.js';

const settings = { seed: 1, bags: { train: 8, val: 4, test: 6 } };

describe('MNIST-bags in a store', () => {
  let digits: MnistDigits;
  before(async () => {
    digits = await loadMnistDigits();
  });
  const prepare = (store: MemoryStore, seed = 1) =>
    prepareMnistBags({ store, settings: { ...settings, seed }, digits, progress: () => {} });

  it('holds the bags of its manifest, readable and with the digits that digits.json names', async () => {
    const store = new MemoryStore();
    const prepared = await prepare(store);
    const { manifest } = await loadManifest('memory://dataset', () => store);
    assert.deepEqual(manifest, prepared.manifest);
    const shown = JSON.parse(Buffer.from((await store.get(DIGITS_FILE)).bytes).toString()) as Record<
      string,
      number[]
    >;
    const reader = bagReader({ store, instanceShape: manifest.instanceShape });
    for (const entry of manifest.bags) {
      const bag = await reader.read(entry);
      assert.equal(shown[entry.id].length, bag.instances);
      assert.equal(shown[entry.id].includes(9) ? 1 : 0, entry.label);
      const from = entry.split === 'test' ? digits.test : digits.train;
      for (let instance = 0; instance < bag.instances; instance++) {
        const pixels = bag.features.subarray(instance * 784, (instance + 1) * 784);
        const known = from.labels.findIndex(
          (label, digit) =>
            label === shown[entry.id][instance] &&
            Buffer.compare(Uint8Array.from(pixels), from.images.subarray(digit * 784, (digit + 1) * 784)) ===
              0,
        );
        assert.ok(
          known >= 0,
          `instance ${instance} of ${entry.id} is a ${shown[entry.id][instance]} of ${entry.split}`,
        );
      }
    }
  });

  it('writes the manifest last; the same seed gives the same bytes, another one others', async () => {
    const [one, two, other] = [new MemoryStore(), new MemoryStore(), new MemoryStore()];
    await prepare(one);
    await prepare(two);
    await prepare(other, 2);
    assert.equal(one.calls.at(-1), 'put manifest.json');
    assert.deepEqual([...one.objects].sort(), [...two.objects].sort());
    assert.notDeepEqual([...one.objects].sort(), [...other.objects].sort());
  });

  it('uses again what is there, and finishes what an interrupted run has left', async () => {
    const store = new MemoryStore();
    assert.equal((await prepare(store)).reused, false);
    const puts = store.calls.filter((call) => call.startsWith('put')).length;
    assert.equal((await prepare(store)).reused, true);
    assert.equal(store.calls.filter((call) => call.startsWith('put')).length, puts);
    const whole = new Map(store.objects);
    for (const lost of ['manifest.json', 'digits.json', 'bags/val-0002.npy']) {
      store.objects.delete(lost);
      assert.equal((await prepare(store)).reused, false);
      assert.deepEqual(store.objects, whole);
    }
  });

  it('refuses a folder with anything else in it and leaves it as it is', async () => {
    const other = new MemoryStore('/home/me');
    other.objects.set('thesis.tex', Buffer.from('x'));
    const thrown = await prepare(other).then(
      () => assert.fail(),
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof BagfleetError);
    assert.deepEqual([thrown.code, thrown.culprit, thrown.exitCode], ['usage', '/home/me', 2]);
    assert.match(thrown.message, /thesis\.tex/);
    assert.equal(other.objects.size, 1);
    const otherSeed = new MemoryStore();
    await prepare(otherSeed, 2);
    await assert.rejects(prepare(otherSeed, 1), /manifest\.json, which is not of these/);
  });

  it('reports what it made', async () => {
    const store = new MemoryStore('s3://bucket/x');
    const report = mnistBagsReport(store, await prepare(store));
    assert.equal(report.manifest, 's3://bucket/x/manifest.json');
    assert.deepEqual([report.trainBags, report.valBags, report.testBags, report.testPositives], [8, 4, 6, 3]);
    assert.match(report.sha256, /^[0-9a-f]{64}$/);
  });
});
