/**
 * How long the coordinator's core takes for one decision in a fleet of hundreds.
 *   npm run bench:decisions -- [--workers 500] [--lives 5]
 * The pure core alone, through a run's whole life: launch, places, joins, a generation, heartbeats, a loss and its
 * return, the end. The lives of two sizes take turns; the first of each is left out of all but the last column.
 * Out: a table with milliseconds per kind of event.
 */
import { parseArgs } from 'node:util';
import { LIMITS } from '../test/support/core-transcript.js';
import { FleetLife } from './decisions/fleet-life.js';

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
const warm = new Map(sizes.map((size) => [size, new Map<string, number[]>()]));
const cold = new Map(sizes.map((size) => [size, new Map<string, number[]>()]));
for (let life = 0; life <= lives; life++)
  for (const size of sizes) {
    const { times } = new FleetLife(size, LIMITS).live();
    const book = (life === 0 ? cold : warm).get(size);
    for (const [kind, of] of times) book?.set(kind, [...(book.get(kind) ?? []), ...of]);
  }
for (const size of sizes) {
  console.log(`\n${size} workers, ${lives} lives; milliseconds`);
  console.log(row('event', 'decisions', 'median', 'p99', 'max', 'first life'));
  for (const [kind, times] of warm.get(size) ?? [])
    console.log(
      row(
        kind,
        String(times.length),
        ...[0.5, 0.99, 1].map((part) => quantile(times, part).toFixed(3)),
        quantile(cold.get(size)?.get(kind) ?? [], 1).toFixed(3),
      ),
    );
}

function row(name: string, ...cells: readonly string[]): string {
  return name.padEnd(22) + cells.map((cell) => cell.padStart(12)).join('');
}

function quantile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
