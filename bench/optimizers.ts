/**
 * How long an update takes: `npx tsx bench/optimizers.ts` prints nanoseconds per entry for each optimizer.
 * The gradient norm, the scaling and the average of the weights, which are part of a step too, stand beside them.
 */
import { OPTIMIZER_NAMES, parseJob } from '@bagfleet/proto';
import { globalNorm } from '@bagfleet/worker/train/clip';
import { scaleGradient } from '@bagfleet/worker/train/gradient-scale';
import { createOptimizer } from '@bagfleet/worker/train/optimizers/create-optimizer';
import { moveAverage } from '@bagfleet/worker/train/weight-average';

const ENTRIES = 4 * 2 ** 20;
const ROUNDS = 7;

/** The fastest of several rounds, in nanoseconds per entry: other work on the machine only adds. */
function fastest(round: (step: number) => void): string {
  const times = Array.from({ length: ROUNDS }, (_, step) => {
    const began = performance.now();
    round(step + 1);
    return performance.now() - began;
  });
  return ((Math.min(...times) * 1e6) / ENTRIES).toFixed(2);
}

function wave(size: number): Float32Array {
  return Float32Array.from({ length: ENTRIES }, (_, i) => Math.sin(i) * size);
}

for (const name of OPTIMIZER_NAMES) {
  const { train } = parseJob({ data: { manifest: 'none' }, train: { optimizer: { name } } }, 'bench');
  const optimizer = createOptimizer(train.optimizer);
  const parameters = wave(0.1);
  const gradient = wave(1e-3);
  const moments = Object.fromEntries(optimizer.moments.map((moment) => [moment, new Float32Array(ENTRIES)]));
  const time = fastest((step) => optimizer.update({ parameters, gradient, moments, step, rate: 1e-6 }));
  console.log(`${name.padEnd(12)} ${time} ns/entry`);
}
const gradient = wave(1);
console.log(`globalNorm   ${fastest(() => globalNorm(gradient))} ns/entry`);
const average = new Float32Array(ENTRIES);
console.log(`average      ${fastest(() => moveAverage(average, gradient, 0.999))} ns/entry`);
console.log(`scale        ${fastest(() => scaleGradient(gradient, 0.999))} ns/entry`);
