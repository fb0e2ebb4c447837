// Test AUC on MNIST-bags over seeds, with exact sums and with plain float32 sums, on 1 and on 2 workers: what
// docs/mnist-bags.md states.
//   node bench/mnist-bags-seeds.mjs [seeds]
// Each seed has its own bags and its own initial weights. About two minutes per seed on two cores.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLONE = fileURLToPath(new URL('../', import.meta.url));
const SEEDS = Number(process.argv[2] ?? 5);
/** The exact sum needs one run: its bits are the same for any number of workers. */
const WAYS = [
  { name: 'exact', sum: 'exact', workers: 2 },
  { name: 'float32, 1 worker', sum: 'float32', workers: 1 },
  { name: 'float32, 2 workers', sum: 'float32', workers: 2 },
];

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-seeds-'));
try {
  console.log(`| seed | ${WAYS.map(({ name }) => name).join(' | ')} |`);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const data = bagfleet('data', 'demo', '--to', join(folder, `bags-${seed}`), '--seed', seed);
    const aucs = WAYS.map((way) => testAuc(data.manifest, seed, way));
    console.log(`| ${seed} | ${aucs.map((auc) => auc.toFixed(4)).join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function testAuc(manifest, seed, { sum, workers }) {
  const store = ['--store', join(folder, 'runs')];
  const fields = ['--set', `data.manifest=${manifest}`, '--set', `train.sum=${sum}`];
  const job = 'examples/mnist-bags/job.yaml';
  const { run } = bagfleet('submit', job, '--seed', seed, '--workers', workers, ...fields, ...store);
  return bagfleet('evaluate', run, '--split', 'test', ...store).metrics.auc;
}

function bagfleet(...words) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(CLONE, 'bin', 'bagfleet.js'), ...words.map(String), '--json'],
    { cwd: CLONE, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
