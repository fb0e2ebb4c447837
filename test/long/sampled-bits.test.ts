/**
 * Sampling, augmentation and drawn epochs keep the promise: the same bits on 1, 2 and 3 workers, each entry of the epoch
 * once; and what is trained on crops predicts on the centre.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CounterRng, type DatasetManifest, epochEntries, parseDatasetManifest } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { runCli } from '../support/run-cli.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import {
  type FinishedRun,
  ledgerOf,
  SKEWED_TRAIN,
  SKEWED_VAL,
  submitJob,
  weightsOf,
} from '../support/trained-run.js';

const EPOCHS = 3;
/** Half of what it may, from anywhere. */
const SAMPLER = `module.exports = ({ instances, bagSize, random }) => {
  const rank = random(instances);
  const all = [...rank.keys()].sort((a, b) => rank[a] - rank[b]);
  return all.slice(0, Math.max(1, Math.min(bagSize, instances >> 1)));
};`;

describe('training on sampled and augmented bags', function () {
  this.timeout(300_000);
  const temp = tempFolderForAll();

  async function trained(
    path: string,
    name: string,
    fields: Record<string, unknown>,
  ): Promise<FinishedRun[]> {
    const runs: FinishedRun[] = [];
    for (const workers of [1, 2, 3]) {
      const run = await submitJob(join(temp.path, name), path, {
        'fleet.workers': workers,
        'fleet.verifyEvery': 1,
        'train.epochs': EPOCHS,
        ...fields,
      });
      assert.equal(run.code, 0, run.stderr);
      runs.push(run);
    }
    return runs;
  }

  it("gives the same weights on any fleet: a user's sampler, drawn epochs, instance dropout, noise", async () => {
    const sizes = { train: SKEWED_TRAIN, val: SKEWED_VAL };
    const { path, manifest } = await writeTinyDataset(join(temp.path, 'vectors'), sizes, 24);
    writeFileSync(join(temp.path, 'sampler.js'), SAMPLER);
    const runs = await trained(path, 'vectors-runs', {
      model: { name: 'abmil', hidden: 32, dropout: 0.25 },
      'train.batch': 7,
      'train.order': 'balanced',
      'data.sampler': { kind: 'custom', file: join(temp.path, 'sampler.js'), bagSize: 20 },
      'data.augment': { instanceDropout: 0.2, featureNoise: 0.1 },
    });
    assert.equal(new Set(runs.map(weightsOf)).size, 1);
    const labels = manifest.bags.filter(({ split }) => split === 'train').map(({ label }) => label);
    for (const run of runs) {
      for (let epoch = 1; epoch <= EPOCHS; epoch++) {
        const counted = ledgerOf(run)
          .filter((row) => row.epoch === epoch)
          .flatMap((row) => row.counted.map(([, bag]) => bag));
        const due = Array.from(
          epochEntries('balanced', { seed: 1, epoch, labels }),
          (place) => `train-${place}`,
        );
        assert.deepEqual(counted, due);
        assert.ok(new Set(due).size < due.length, 'some bag comes twice');
      }
      const env = { BAGFLEET_STORE: dirname(run.folder) };
      const { code, stderr } = await runCli(['audit', basename(run.folder)], { env });
      assert.equal(code, 0, stderr);
    }
  });

  it('gives the same weights on any fleet from crops of turned and recoloured tiles, and predicts', async () => {
    const path = await writeTiles(join(temp.path, 'tiles'));
    const runs = await trained(path, 'tiles-runs', {
      model: { name: 'lenet_abmil' },
      'train.batch': 5,
      'data.crop': 28,
      'data.sampler': { kind: 'tissue', bagSize: 5, minTissue: 0.3 },
      'data.augment': {
        ...{ flips: true, quarterRotations: true },
        colorJitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.05 },
      },
    });
    assert.equal(new Set(runs.map(weightsOf)).size, 1);
    const env = { BAGFLEET_STORE: dirname(runs[0].folder) };
    const { code, stdout, stderr } = await runCli(
      ['evaluate', basename(runs[0].folder), '--split', 'val', '--json'],
      { env },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /auc/);
  });
});

/** 12 bags of 3 to 9 tiles of 32 × 30 pixels. */
async function writeTiles(folder: string): Promise<string> {
  const shape = [32, 30, 3];
  await mkdir(folder, { recursive: true });
  const bags: DatasetManifest['bags'] = [];
  for (let i = 0; i < 16; i++) {
    const instances = 3 + (i % 7);
    const noise = new CounterRng(1, ['tiles', i]).uint32(instances * 32 * 30 * 3);
    const pixels = Uint8Array.from(noise, (value) => (value % 128) + 64 * (i % 2));
    const file = writeNpy(pixels, [instances, ...shape]);
    await writeFile(join(folder, `b${i}.npy`), file);
    const split = i < 12 ? ('train' as const) : ('val' as const);
    bags.push({ id: `b${i}`, key: `b${i}.npy`, bytes: file.length, instances, label: i % 2, split });
  }
  const manifest = { schemaVersion: 1, name: 'tiles', instanceShape: shape, classes: ['no', 'yes'], bags };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(parseDatasetManifest(manifest, 'test')));
  return join(folder, 'manifest.json');
}
