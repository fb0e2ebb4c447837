/**
 * `bagfleet plan` against what it forecasts: epochs of real runs of 1, 2 and 3 workers on this machine.
 *   npm run bench:plan -- [--rounds 1] [--json]
 * 200 slides of fixed sizes, steps of 16, gated ABMIL. The bar: 20 % off, by costs that are measured here and by costs that
 * a run has recorded. Exit code 0 whether it holds or not. Some four minutes; nothing else should run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSlides } from './balance/slides.js';
import { CLI, trainEpochs } from './balance/trained-epochs.js';
import { type Figure, figure, median, table } from './recovery/figures.js';

const SLIDES = 200;
const FEATURES = 512;
const FLEETS = [1, 2, 3];
const BAR = 0.2;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } },
});
const machine = { processor: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] };
const folder = mkdtempSync(join(tmpdir(), 'bagfleet-plan-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { path } = await writeSlides(join(folder, 'data'), SLIDES, FEATURES);
const figures: Record<string, Figure> = {};
const real = new Map<number, number[]>(FLEETS.map((workers) => [workers, []]));
const recorded = new Map<number, string>();
for (let round = 0; round < Number(values.rounds); round++)
  for (const workers of FLEETS) {
    process.stderr.write(`round ${round + 1}, ${workers} of 1 to 3 workers …\n`);
    const run = trainEpochs(folder, jobOf(workers));
    real.get(workers)?.push(...run.epochs.map(({ seconds }) => seconds));
    recorded.set(workers, run.store);
  }
for (const workers of FLEETS) {
  const seconds = median(real.get(workers) ?? []);
  figures[`${workers}.epochSeconds`] = figure(seconds);
  compare(`${workers}.measuredHere`, forecast(workers), seconds);
  compare(`${workers}.recordedByOne`, forecast(workers, recorded.get(1)), seconds);
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine, figures })}\n`);
else process.stdout.write(`${machine.processor}, load ${machine.loadBefore.toFixed(1)}\n${table(figures)}\n`);

function compare(name: string, predicted: number, seconds: number): void {
  figures[`${name}Seconds`] = figure(predicted);
  figures[`${name}Off`] = figure(Math.abs(predicted / seconds - 1), BAR);
}

function jobOf(workers: number) {
  return {
    data: { manifest: path, cacheMiB: 4096 },
    model: { name: 'abmil', hidden: 512, attention: 128, gated: true },
    train: { epochs: 4, batch: 16 },
    fleet: { workers },
  };
}

/** What `plan` says of an epoch, by costs that it measures, or that the run in a store has recorded. */
function forecast(workers: number, store?: string): number {
  const file = join(folder, 'job.json');
  writeFileSync(file, JSON.stringify({ ...jobOf(workers), store: { uri: store ?? join(folder, 'none') } }));
  const words = ['plan', file, '--json', ...(store ? ['--costs', 'latest', '--store', store] : [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const { fleets } = JSON.parse(stdout) as { fleets: { workers: number; epochSeconds: number }[] };
  return fleets.find((fleet) => fleet.workers === workers)?.epochSeconds ?? Number.NaN;
}
