import assert from 'node:assert/strict';
import { readUcsb, ucsbFiles, ucsbManifest } from '@bagfleet/orchestrator/datasets/ucsb-bags';
import { parseDatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { readNpyHeader } from '@bagfleet/worker/data/npy-header';

/** 12 bags of 1 to 3 patches with 708 features, of which the first never changes. */
function table(): string {
  const rows: string[] = [];
  for (let bag = 1; bag <= 12; bag++)
    for (let patch = 0; patch < 1 + (bag % 3); patch++) {
      const features = Array.from({ length: 708 }, (_, at) =>
        at === 0 ? 4 : Math.sin(bag * 7 + patch * 3 + at) * 50,
      );
      rows.push([bag > 6 ? 1 : 0, bag, ...features].join(','));
    }
  return `${rows.join('\n')}\n`;
}

describe('UCSB bags', () => {
  it('standardises each feature over all patches; a constant one becomes 0', () => {
    const bags = readUcsb(table());
    const files = ucsbFiles(bags);
    const values = bags.map((bag) => {
      const file = files.get(`bags/${bag.id}.npy`) ?? assert.fail();
      const header = readNpyHeader(file, { bag: bag.id, file: '' });
      assert.deepEqual(header.shape, [bag.rows.length, 708]);
      return new Float32Array(file.slice(header.dataStart).buffer);
    });
    const all = values.flatMap((bag) => [...bag]);
    const patches = all.length / 708;
    for (const at of [0, 1, 707]) {
      const column = Array.from({ length: patches }, (_, patch) => all[patch * 708 + at]);
      const mean = column.reduce((sum, value) => sum + value, 0) / patches;
      const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / patches;
      assert.ok(Math.abs(mean) < 1e-6);
      assert.ok(Math.abs(variance - (at === 0 ? 0 : 1)) < 1e-5);
    }
  });

  it('deals ten folds with both classes spread, others with another seed', () => {
    const bags = readUcsb(table());
    const files = ucsbFiles(bags);
    const manifest = parseDatasetManifest(JSON.parse(JSON.stringify(ucsbManifest(bags, files, 1))), 'ucsb');
    assert.deepEqual(new Set(manifest.bags.map((bag) => bag.fold)), new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert.ok(manifest.bags.every((bag) => bag.split === 'train' && bag.patient === undefined));
    assert.notDeepEqual(ucsbManifest(bags, files, 2), ucsbManifest(bags, files, 1));
  });

  it('refuses another file', () => {
    assert.throws(() => readUcsb('1,1,2,3\n'), /not the file/);
    assert.throws(() => readUcsb(table().replace(',4,', ',four,')), /not the file/);
  });
});
