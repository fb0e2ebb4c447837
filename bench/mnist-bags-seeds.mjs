// Test AUC on MNIST-bags over seeds, with exact sums and with plain float32 sums, on two workers: what docs/mnist-bags.md
// states.
//   node bench/mnist-bags-seeds.mjs [seeds]
// Each seed has its own bags and its own initial weights. About two minutes per seed on two cores.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLONE = fileURLToPath(new URL('../', import.meta.url));
const SEEDS = Number(process.argv[2] ?? 5);
const SUMS = ['exact', 'float32'];
const WORKERS = 2;

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-seeds-'));
try {
  console.log(`| seed | ${SUMS.join(' | ')} |`);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const data = bagfleet('data', 'demo', '--to', join(folder, `bags-${seed}`), '--seed', seed);
    const aucs = SUMS.map((sum) => testAuc(data.manifest, seed, sum));
    console.log(`| ${seed} | ${aucs.map((auc) => auc.toFixed(4)).join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function testAuc(manifest, seed, sum) {
  const store = ['--store', join(folder, 'runs')];
  const fields = ['--set', `data.manifest=${manifest}`, '--set', `train.sum=${sum}`];
  const job = 'examples/mnist-bags/job.yaml';
  const { run } = bagfleet('submit', job, '--seed', seed, '--workers', WORKERS, ...fields, ...store);
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
