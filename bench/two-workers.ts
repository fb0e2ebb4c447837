/**
 * How much faster two one-thread workers finish compute-bound bags than one.
 *   npx tsx bench/two-workers.ts [rounds]
 * Both sides in one run, interleaved, medians; the time is the training time of the epochs after the first
 * (start-up and warm-up are not what is measured), CPU seconds are the workers'.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EpochRow, RUN_FILES, type WorkRow } from '@bagfleet/proto';
import { writeTinyDataset } from '../test/support/tiny-dataset.js';

const CLI = fileURLToPath(new URL('../bin/bagfleet.js', import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 3);
/** 48 bags of 1,000 to 3,000 instances of 512 features: some 100 ms of computing each. */
const SIZES = Array.from({ length: 48 }, (_, i) => 1000 + ((i * 977) % 2001));

interface Measured {
  readonly bagsPerSecond: number;
  readonly computeSeconds: number;
}

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-bench-'));
try {
  const { path } = await writeTinyDataset(join(folder, 'data'), { train: SIZES }, 512);
  const one: Measured[] = [];
  const two: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    one.push(measure(path, 1, round));
    two.push(measure(path, 2, round));
    console.log(`round ${round + 1}: ${show(one[round])} with one worker, ${show(two[round])} with two`);
  }
  const ratio = median(two.map((m) => m.bagsPerSecond)) / median(one.map((m) => m.bagsPerSecond));
  console.log(`median: two workers are ${ratio.toFixed(2)} times as fast as one`);
} finally {
  rmSync(folder, { recursive: true });
}

function measure(manifest: string, workers: number, round: number): Measured {
  const runs = join(folder, `runs-${workers}-${round}`);
  const job = join(folder, 'job.json');
  writeFileSync(
    job,
    JSON.stringify({
      data: { manifest, cacheMiB: 4096 },
      model: { hidden: 512 },
      train: { epochs: 4, batch: 16 },
      fleet: { workers },
      store: { uri: runs },
    }),
  );
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'submit', job, '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const run = join(runs, readdirSync(runs)[0]);
  const rows = (name: string) =>
    readFileSync(join(run, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const epochs = (rows(RUN_FILES.metrics) as EpochRow[]).filter(
    (row) => row.kind === 'epoch' && row.epoch > 1,
  );
  const work = readdirSync(join(run, RUN_FILES.work))
    .flatMap((file) => rows(`${RUN_FILES.work}${file}`) as WorkRow[])
    .filter((row) => row.epoch > 1);
  return {
    bagsPerSecond: (epochs.length * SIZES.length) / epochs.reduce((sum, row) => sum + row.seconds, 0),
    computeSeconds: work.reduce((sum, row) => sum + row.computeMs, 0) / 1000,
  };
}

function show({ bagsPerSecond, computeSeconds }: Measured): string {
  return `${bagsPerSecond.toFixed(1)} bags/s (${computeSeconds.toFixed(1)} s of gradients)`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
