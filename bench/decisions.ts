/**
 * How long the coordinator's core takes for one decision in a fleet of hundreds.
 *   npm run bench:decisions -- [--workers 500] [--lives 5]
 * The pure core alone, through a run's whole life: launch, places, joins, a generation, heartbeats, a loss and its
 * return, the end. The lives of two sizes take turns; the first of each counts in the last column alone.
 * Out: a table with milliseconds per kind of event: wall time, and the processor time of the costliest.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { LIMITS } from '../test/support/core-transcript.js';
import { FleetLife, type Took } from './decisions/fleet-life.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '500' },
    lives: { type: 'string', default: '5' },
  },
});
const workers = Number(values.workers);
const lives = Number(values.lives);
if (!(workers >= 3 && lives >= 1)) throw new Error('--workers takes a number from 3, --lives one from 1');

const sizes = [Math.max(3, Math.round(workers / 10)), workers];
const book = new Map(
  sizes.map((size) => [size, { warm: new Map<string, Took[]>(), cold: new Map<string, Took[]>() }]),
);
for (let life = 0; life <= lives; life++)
  for (const [size, { warm, cold }] of book)
    for (const [kind, times] of new FleetLife(size, LIMITS).live().times) {
      const page = life === 0 ? cold : warm;
      page.set(kind, [...(page.get(kind) ?? []), ...times]);
    }

for (const [size, { warm, cold }] of book) {
  console.log(
    `\n${size} workers, ${lives} lives; milliseconds; load ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`,
  );
  console.log(row('event', 'decisions', 'median', 'p99', 'max', 'max CPU', 'first life'));
  for (const [kind, times] of warm) {
    const wall = times.map((took) => took.wall);
    const cells = [
      ...[0.5, 0.99, 1].map((part) => quantile(wall, part)),
      highestCpu(times),
      highestCpu(cold.get(kind) ?? []),
    ];
    console.log(row(kind, String(times.length), ...cells.map((cell) => cell.toFixed(3))));
  }
}

function row(name: string, ...cells: readonly string[]): string {
  return name.padEnd(22) + cells.map((cell) => cell.padStart(11)).join('');
}

function quantile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

function highestCpu(times: readonly Took[]): number {
  return Math.max(...times.map(({ cpu }) => cpu));
}
