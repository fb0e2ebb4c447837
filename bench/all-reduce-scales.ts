/**
 * Why scales belong to blocks, and what they cannot do: Adam's displacement of one tensor after some steps, from
 * gradients that were summed in several ways, against the same from float64 sums.
 *
 *   npx tsx bench/all-reduce-scales.ts [--json]
 *
 * The magnitudes of the tensor's entries span seven decades, 1e-6 … 10, once from block to block (rows of a
 * weight, channels) and once shuffled, so that every block spans them all. Adam moves small entries as far as
 * large ones, so the error is taken over the smaller half.
 * Out: root mean square of (displacement - reference), divided by that of the reference.
 */
import { CounterRng } from '@bagfleet/proto';
import { blockExponents } from '@bagfleet/worker/collective/block-exponent';
import { combineExponents } from '@bagfleet/worker/collective/combine-exponents';
import { addQuantised } from '@bagfleet/worker/collective/quantise';
import { BLOCK } from '@bagfleet/worker/train/parameter-layout';

const BLOCKS = 64;
const ENTRIES = BLOCKS * BLOCK;
const STEPS = 10;
const SPREADS = ['from block to block', 'within each block'] as const;

/** A way to sum: the mean gradient over the slots, as float64. */
type Sum = (slots: readonly Float32Array[]) => Float64Array;

const SUMS: Record<string, Sum> = {
  float64: (slots) => floatSum(slots, (value) => value),
  'float32, in slot order': (slots) => floatSum(slots, Math.fround),
  'int32, scale per block': (slots) => integerSum(slots, (exponents) => exponents),
  'int32, scale per tensor': (slots) =>
    integerSum(slots, (exponents) => exponents.map(() => Math.min(...exponents))),
};

function errors(slots: number, spread: (typeof SPREADS)[number]): Record<string, string> {
  const magnitudes = magnitudesOf(spread);
  const runs = Object.entries(SUMS).map(([name, sum]) => ({ name, sum, adam: new Adam() }));
  for (let step = 1; step <= STEPS; step++) {
    const gradients = slotGradients(step, slots, magnitudes);
    for (const { sum, adam } of runs) adam.step(sum(gradients));
  }
  const small = [...magnitudes.keys()].filter((i) => magnitudes[i] < 10 ** -2.5);
  const [reference, ...others] = runs;
  const length = rootMeanSquare(small, (i) => reference.adam.moved[i]);
  return Object.fromEntries(
    others.map(({ name, adam }) => {
      const error = rootMeanSquare(small, (i) => adam.moved[i] - reference.adam.moved[i]);
      return [name, (error / length).toExponential(1)];
    }),
  );
}

/** Adam with rate 1, its usual decays and epsilon 1e-8, in float64. */
class Adam {
  readonly moved = new Float64Array(ENTRIES);
  readonly #first = new Float64Array(ENTRIES);
  readonly #second = new Float64Array(ENTRIES);
  #steps = 0;

  step(gradient: Float64Array): void {
    this.#steps++;
    for (let i = 0; i < ENTRIES; i++) {
      this.#first[i] = 0.9 * this.#first[i] + 0.1 * gradient[i];
      this.#second[i] = 0.999 * this.#second[i] + 0.001 * gradient[i] ** 2;
      const first = this.#first[i] / (1 - 0.9 ** this.#steps);
      const second = this.#second[i] / (1 - 0.999 ** this.#steps);
      this.moved[i] -= first / (Math.sqrt(second) + 1e-8);
    }
  }
}

function magnitudesOf(spread: (typeof SPREADS)[number]): Float64Array {
  const places = spread === 'from block to block' ? BLOCKS : ENTRIES;
  const order = new CounterRng(3, ['order']).permutation(places);
  const place = (i: number): number => order[Math.floor((i * places) / ENTRIES)] / places;
  return Float64Array.from({ length: ENTRIES }, (_, i) => 10 ** (7 * place(i) - 6));
}

function slotGradients(step: number, slots: number, magnitudes: Float64Array): Float32Array[] {
  return Array.from({ length: slots }, (_, slot) => {
    const normal = new CounterRng(step, ['gradient', slot]).normal(ENTRIES);
    return Float32Array.from(normal, (value, i) => value * magnitudes[i]);
  });
}

function floatSum(slots: readonly Float32Array[], round: (value: number) => number): Float64Array {
  const sum = new Float64Array(ENTRIES);
  for (const gradient of slots) for (let i = 0; i < ENTRIES; i++) sum[i] = round(sum[i] + gradient[i]);
  return sum.map((value) => value / slots.length);
}

function integerSum(
  slots: readonly Float32Array[],
  scales: (perBlock: Int8Array) => Int8Array,
): Float64Array {
  const own = slots.map((gradient) => blockExponents(gradient, slots.length).exponents);
  const exponents = scales(combineExponents(BLOCKS, own));
  const sum = new Int32Array(ENTRIES);
  for (const gradient of slots) addQuantised(sum, gradient, exponents);
  return Float64Array.from(
    sum,
    (value, i) => (value * 2 ** -exponents[Math.floor(i / BLOCK)]) / slots.length,
  );
}

function rootMeanSquare(indices: readonly number[], value: (i: number) => number): number {
  return Math.sqrt(indices.reduce((sum, i) => sum + value(i) ** 2, 0) / indices.length);
}

const rows = [8, 32].flatMap((slots) =>
  SPREADS.map((spread) => ({ slots, spread, ...errors(slots, spread) })),
);
if (process.argv.includes('--json')) console.log(JSON.stringify(rows));
else console.table(rows);
