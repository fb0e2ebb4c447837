/** `bagfleet data inspect` on a folder with one fault of each kind, and on one with none. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CounterRng, type DatasetManifest } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { runCli } from '../../support/run-cli.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';

const FEATURES = 6;

function features(name: string, instances: number): Float32Array {
  return Float32Array.from(new CounterRng(1, [name]).normal(instances * FEATURES));
}

/** 32 good bags, each patient with two, in three splits. */
function writeBags(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const rows = ['id,label,patient,split'];
  for (let i = 0; i < 32; i++) {
    const instances = 20 + i;
    const split = i < 16 ? 'train' : i < 24 ? 'val' : 'test';
    rows.push(`slide_${i},${(i >> 1) % 2 ? 'tumor' : 'normal'},p${i >> 1},${split}`);
    writeFileSync(
      join(folder, `slide_${i}.npy`),
      writeNpy(features(`s${i}`, instances), [instances, FEATURES]),
    );
  }
  writeFileSync(join(folder, 'labels.csv'), `${rows.join('\n')}\n`);
}

async function index(folder: string): Promise<void> {
  const indexed = await runCli(['data', 'index', folder, '--labels', join(folder, 'labels.csv')]);
  assert.equal(indexed.code, 0, indexed.stderr);
}

describe('bagfleet data inspect', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();

  it('has nothing to say against a good dataset', async () => {
    const folder = join(temp.path, 'good');
    writeBags(folder);
    await index(folder);
    const { code, stdout, stderr } = await runCli(['data', 'inspect', folder, '--deep', '--strict']);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout, /warning/);
    assert.match(stdout, /train 16 bags: 8 patients, 8 normal, 8 tumor/);
    assert.match(stdout, /test {3}8 bags: 4 patients, 4 normal, 4 tumor/);
    assert.match(stdout, /instances per bag: 20 to 51, median 35.5/);
  });

  it('finds each planted fault, and none where there is none', async () => {
    const folder = join(temp.path, 'bad');
    writeBags(folder);
    await index(folder);
    const at = (name: string) => join(folder, `${name}.npy`);
    const put = (name: string, values: Float32Array) =>
      writeFileSync(at(name), writeNpy(values, [values.length / FEATURES, FEATURES]));
    const manifestFile = join(folder, 'manifest.json');
    rmSync(at('slide_0'));
    put('slide_1', features('longer', 40));
    put('slide_2', features('s2', 22).fill(Number.NaN, 30, 31));
    put('slide_3', features('s3', 23).fill(1));
    put(
      'slide_4',
      Float32Array.from({ length: 24 * FEATURES }, (_, i) => i % FEATURES),
    );
    put(
      'slide_5',
      features('s5', 25).map((value) => 9 * value),
    );
    put('slide_17', features('s16', 36));
    copyFileSync(at('slide_17'), at('slide_16'));
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as DatasetManifest;
    const bags = manifest.bags.map((bag): DatasetManifest['bags'][number] => {
      const { etag: _, ...rest } = bag;
      if (bag.id === 'slide_16') return { ...rest, bytes: 36 * FEATURES * 4 + 128, instances: 36 };
      if (bag.id === 'slide_17') return { ...rest, bytes: 36 * FEATURES * 4 + 128, instances: 36 };
      if (bag.id === 'slide_31') return { ...rest, id: 'Mustermann_Erika', patient: 'p0' };
      return rest;
    });
    writeFileSync(manifestFile, JSON.stringify({ ...manifest, bags }));

    const { code, stdout, stderr } = await runCli(['data', 'inspect', folder, '--deep', '--json']);
    assert.equal(code, 0, stderr);
    const { warnings } = JSON.parse(stdout) as { warnings: { code: string; bags: string[] }[] };
    assert.deepEqual(
      warnings.map((warning) => [warning.code, ...warning.bags].join(' ')),
      [
        'object-missing slide_0',
        'object-changed slide_1',
        'bag-unreadable slide_2',
        'bag-constant slide_3',
        'instances-identical slide_4',
        'scale-odd slide_5',
        'same-content slide_16 slide_17',
        'patient-in-splits slide_0 slide_1 Mustermann_Erika',
        'id-telling Mustermann_Erika',
      ],
    );
    const strict = await runCli(['data', 'inspect', folder, '--strict']);
    assert.equal(strict.code, 2);
    assert.match(strict.stderr, /5 warnings, see above/);
    assert.match(strict.stderr, /--deep reads them, too/);
  });
});
