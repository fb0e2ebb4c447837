/** The optimizers beside PyTorch's in float64: 100 steps with changing rates, gradients over six powers of ten. */
import assert from 'node:assert/strict';
import { OPTIMIZER_NAMES, parseJob, type TrainConfig } from '@bagfleet/proto';
import { createOptimizer } from '@bagfleet/worker/train/optimizers/create-optimizer';
import fc from 'fast-check';
import {
  difference,
  type ReferenceTensor,
  readFacts,
  readTensors,
} from '../../../support/reference-fixture.js';

function configOf(settings: Record<string, unknown>): TrainConfig['optimizer'] {
  return parseJob({ data: { manifest: 'none' }, train: { optimizer: settings } }, 'test').train.optimizer;
}

describe('optimizers', () => {
  const { rates, settings } = readFacts<{
    rates: number[];
    settings: Record<string, Record<string, unknown>>;
  }>('optimizers');
  const tensors = readTensors('optimizers');
  const tensor = (key: string): ReferenceTensor =>
    tensors.get(key) ?? assert.fail(`no ${key} in the fixture`);
  const length = tensor('start').values.length;

  for (const [name, given] of Object.entries(settings)) {
    it(`${name} walks as PyTorch's does`, () => {
      const optimizer = createOptimizer(configOf(given));
      const parameters = Float32Array.from(tensor('start').values);
      const moments = Object.fromEntries(
        optimizer.moments.map((moment) => [moment, new Float32Array(length)]),
      );
      rates.forEach((rate, index) => {
        const step = index + 1;
        const gradient = Float32Array.from(tensor('gradients').values.slice(index * length, step * length));
        optimizer.update({ parameters, gradient, moments, step, rate });
        // One step is exact but for rounding to float32; 100 steps round 100 times, which mostly cancels out.
        if (step === 1) compare(step, 2 ** -24);
        if (step === rates.length) compare(step, 1e-6);
      });

      function compare(step: number, tolerance: number): void {
        const pairs = [['parameters', parameters], ...Object.entries(moments)] as [string, Float32Array][];
        for (const [key, ours] of pairs) {
          // Without momentum PyTorch keeps no buffer.
          if (key === 'momentum_buffer' && given.momentum === 0) continue;
          const theirs = tensor(`${name}/${key}/${step}`).values;
          const { largest, scale } = difference(ours, theirs);
          assert.ok(scale > 0);
          assert.ok(largest <= tolerance * scale, `${key} after step ${step}: off by ${largest} of ${scale}`);
        }
      }
    });
  }

  for (const name of OPTIMIZER_NAMES) {
    it(`${name} leaves padding at zero, and its moments too`, () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 10_000 }),
          fc.double({ min: 1e-6, max: 1, noNaN: true }),
          (step, rate) => {
            const optimizer = createOptimizer(configOf({ name, weightDecay: 0.3 }));
            const zeros = () => new Float32Array(4);
            const [parameters, gradient] = [zeros(), zeros()];
            const moments = Object.fromEntries(optimizer.moments.map((moment) => [moment, zeros()]));
            optimizer.update({ parameters, gradient, moments, step, rate });
            for (const values of [parameters, ...Object.values(moments)])
              assert.ok(values.every((value) => Object.is(value, 0)));
          },
        ),
      );
    });
  }
});
