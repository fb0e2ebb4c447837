/**
 * What a lost worker costs: three one-thread workers of this machine, one of which is killed or stopped, again and
 * again; what a worker costs that joins; and what the same loss costs in PyTorch.
 *   npm run bench:recovery -- [--kills 20] [--stops 3] [--large-kills 5] [--large-batch 8] [--joins 3]
 *     [--torch-kills 3] [--json]
 * A count of 0 leaves that part out. About ten minutes; the large model takes some 6 GB of memory.
 * Out: a table, or with --json one object on stdout in which each figure has its value, its bar and whether that
 * holds; progress on stderr. Exit code 0 whether the bars hold or not, 1 if something could not be measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figures, table } from './recovery/figures.js';
import { largePart, mnistPart, type Part, torchPart } from './recovery/parts.js';

const count = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;
const { values } = parseArgs({
  options: {
    kills: count(20),
    stops: count(3),
    'large-kills': count(5),
    'large-batch': count(8),
    joins: count(3),
    'torch-kills': count(3),
    json: { type: 'boolean', default: false },
  },
});
const counts = {
  kills: wholeNumber('kills'),
  stops: wholeNumber('stops'),
  largeKills: wholeNumber('large-kills'),
  largeBatch: wholeNumber('large-batch'),
  joins: wholeNumber('joins'),
  torchKills: wholeNumber('torch-kills'),
};

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-recovery-'));
/** A process that was just killed may still be writing its last file. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };
process.once('exit', () => rmSync(folder, REMOVAL));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const machine = { processor: cpus()[0].model, cores: cpus().length, workers: 3, loadBefore: loadavg()[0] };
let figures: Figures = {};
let samples: Part['samples'] = {};
const failures: string[] = [];

if (counts.kills + counts.stops > 0)
  await measure('MNIST-bags', () => mnistPart(join(folder, 'mnist'), counts, progress));
if (counts.largeKills + counts.joins > 0)
  await measure('22.5 M parameters', () =>
    largePart(
      join(folder, 'large'),
      { kills: counts.largeKills, joins: counts.joins, batch: counts.largeBatch },
      progress,
    ),
  );
if (counts.torchKills > 0)
  await measure('torchrun', () =>
    torchPart(counts.torchKills, figures.mnistKillMedianSeconds?.value, progress),
  );
else progress('torchrun: left out');

const broken = Object.entries(figures).filter(([, { holds }]) => holds === false);
const result = { machine: { ...machine, loadAfter: loadavg()[0] }, counts, figures, failures, samples };
console.log(values.json ? JSON.stringify(result) : table(figures));
for (const [name, { value, bar }] of broken) progress(`\nBAR MISSED: ${name} is ${value}, the bar is ${bar}`);
for (const failure of failures) progress(`\nNOT MEASURED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;

/** What can't be measured keeps nothing else from being measured. */
async function measure(name: string, part: () => Promise<Part>): Promise<void> {
  progress(`${name}:`);
  try {
    const measured = await part();
    figures = { ...figures, ...measured.figures };
    samples = { ...samples, ...measured.samples };
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith('PyTorch is missing')) progress(`torchrun: left out. ${message}`);
    else failures.push(`${name}: ${message}`);
  }
}

function progress(line: string): void {
  console.error(line);
}

function wholeNumber(name: Exclude<keyof typeof values, 'json'>): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} takes a whole number, but ${values[name]} was given`);
  process.exit(2);
}
