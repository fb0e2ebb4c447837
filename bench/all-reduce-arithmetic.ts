/**
 * What the way through the integers costs per entry, in one thread, beside adding float32.
 *
 *   npx tsx bench/all-reduce-arithmetic.ts [rounds] [--json]
 *
 * Out: per operation the median and the best nanoseconds per entry, over buffers of 16 MiB in shared memory.
 */
import { CounterRng } from '@bagfleet/proto';
import { blockExponents } from '@bagfleet/worker/collective/block-exponent';
import { dequantise } from '@bagfleet/worker/collective/dequantise';
import { addQuantised } from '@bagfleet/worker/collective/quantise';
import { Int32Sums } from '@bagfleet/worker/collective/segment-sums';

const ENTRIES = 4 * 2 ** 20;
const SLOTS = 8;
const WARM_UP = 5;
const rounds = Number(process.argv[2] ?? 31);

const gradient = sharedFloats();
const draws = new CounterRng(1, ['bench']).normal(65_536);
for (let i = 0; i < ENTRIES; i++) gradient[i] = draws[i % draws.length] * 10 ** ((i >>> 12) % 9);
const sum = new Int32Array(new SharedArrayBuffer(4 * ENTRIES));
const arrived = new Uint8Array(new Int32Array(ENTRIES).fill(1).buffer);
const out = sharedFloats();
const { exponents } = blockExponents(gradient, SLOTS);

const operations: Record<string, () => void> = {
  'block maxima and exponents': () => void blockExponents(gradient, SLOTS),
  'quantise and add': () => addQuantised(sum, gradient, exponents),
  'add int32 that arrived': () => void new Int32Sums(sum, 3).add(1, { start: 0, end: ENTRIES }, arrived),
  'dequantise and average': () => dequantise(out, sum, exponents, SLOTS),
  'add float32 (for comparison)': () => addFloats(out, gradient),
};

const times = new Map(Object.keys(operations).map((name) => [name, [] as number[]]));
for (let round = 0; round < WARM_UP + rounds; round++)
  for (const [name, operation] of Object.entries(operations)) {
    const start = performance.now();
    operation();
    if (round >= WARM_UP) times.get(name)?.push(((performance.now() - start) * 1e6) / ENTRIES);
  }

const rows = [...times].map(([operation, each]) => {
  const sorted = each.sort((a, b) => a - b);
  return { operation, medianNs: hundredths(sorted[sorted.length >> 1]), bestNs: hundredths(sorted[0]) };
});
if (process.argv.includes('--json')) console.log(JSON.stringify(rows));
else console.table(rows);

function sharedFloats(): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * ENTRIES));
}

function addFloats(target: Float32Array, addend: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] += addend[i];
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
