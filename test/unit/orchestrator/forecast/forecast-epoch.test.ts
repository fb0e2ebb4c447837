/** Forecasts of epochs, beside what can be said of them by hand. */
import assert from 'node:assert/strict';
import { slowdown } from '@bagfleet/orchestrator/forecast/crowding';
import type { FleetCosts } from '@bagfleet/orchestrator/forecast/fleet-costs';
import { type ForecastInput, forecastEpoch } from '@bagfleet/orchestrator/forecast/forecast-epoch';
import { recordedCosts } from '@bagfleet/orchestrator/forecast/recorded-costs';
import { whereItStops } from '@bagfleet/orchestrator/forecast/where-it-stops';
import type { EpochRow, StepRow } from '@bagfleet/proto';
import { augmentSchema } from '@bagfleet/proto/augment-spec';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { samplerSchema } from '@bagfleet/proto/sampler-spec';
import fc from 'fast-check';

const COSTS: FleetCosts = {
  ...{ bag: { fixed: 2, perInstance: 0.05 }, predictShare: 0.25, slotMs: 0.5, updateMs: 3 },
  ...{ parameters: 1_000_000, source: 'made up', beside: 1, crowding: null },
};
const LINK = { gbits: 8, latencyMs: 1 };

function inputOf(sizes: readonly number[], changes: Partial<ForecastInput> = {}): ForecastInput {
  const bags = sizes.map(
    (instances, i): BagEntry => ({
      id: `b${i}`,
      key: `b${i}`,
      bytes: 4 * instances,
      instances,
      label: 0,
      split: 'train',
    }),
  );
  return {
    ...{
      seed: 1,
      batch: 8,
      balance: 'cost',
      order: 'once',
      draw: { sampler: samplerSchema.parse({}), augment: augmentSchema.parse({}) },
      bags,
      costs: COSTS,
      link: LINK,
      threadsPerWorker: 1,
      sharedCores: null,
    },
    ...{ training: bags.map((_, i) => i), validating: [] },
    ...changes,
  };
}
const bagMs = (instances: number) => 2.5 + 0.05 * instances;
const someSizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 60 });
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe("a fleet's forecast", () => {
  it('is the sum of all costs for one worker', () => {
    fc.assert(
      fc.property(someSizes, (sizes) => {
        const validating = [0];
        const { epochSeconds, imbalance, allReduceShare } = forecastEpoch(inputOf(sizes, { validating }), 1);
        const due = sum(sizes.map(bagMs)) + 3 * Math.ceil(sizes.length / 8) + 0.25 * bagMs(sizes[0]);
        assert.ok(Math.abs(epochSeconds * 1000 - due) < 1e-6 * due);
        assert.deepEqual([imbalance, allReduceShare], [0, 0]);
      }),
    );
  });

  it('is no shorter than the work over the workers, nor than the largest bag of a step', () => {
    fc.assert(
      fc.property(someSizes, fc.integer({ min: 2, max: 9 }), (sizes, workers) => {
        const { epochSeconds } = forecastEpoch(inputOf(sizes), workers);
        const work = sum(sizes.map(bagMs));
        const steps = Math.ceil(sizes.length / 8);
        const bytes = (2 * (workers - 1) * 4e6) / workers;
        const beside = steps * (3 + 2 + (bytes * 8) / 8e6);
        assert.ok(epochSeconds * 1000 >= Math.max(work / workers, bagMs(Math.max(...sizes))) + beside - 1e-6);
      }),
    );
  });

  it('knows that workers of one machine slow each other down, and by how much recorded times know it already', () => {
    const sizes = Array.from({ length: 64 }, () => 1000);
    const crowding = { together: 2, factor: 1.5 };
    const compute = (workers: number, beside: number, sharedCores: number | null = 4) => {
      const costs = { ...COSTS, slotMs: 0, updateMs: 0, crowding, beside };
      const link = { gbits: 1e9, latencyMs: 0 };
      return forecastEpoch(inputOf(sizes, { costs, link, sharedCores }), workers).epochSeconds;
    };
    const close = (actual: number, due: number) =>
      assert.ok(Math.abs(actual / due - 1) < 1e-6, `${actual}, ${due}`);
    close(compute(1, 1), 64 * 0.052);
    close(compute(2, 1), (1.5 * 64 * 0.052) / 2);
    close(compute(4, 1), (1.5 * 64 * 0.052) / 4);
    close(compute(2, 2), (64 * 0.052) / 2);
    close(compute(1, 2), (64 * 0.052) / 1.5);
    close(compute(2, 1, null), (64 * 0.052) / 2);
    close(compute(8, 1), (1.5 * 64 * 0.052) / 4);
  });

  it('interpolates between one worker and as many as were measured together', () => {
    const crowding = { together: 4, factor: 1.6 };
    const found = [1, 2, 3, 4, 5, 9].map((workers) => slowdown(crowding, workers, 8));
    for (const [i, due] of [1, 1.2, 1.4, 1.6, 1.6, 1.6].entries())
      assert.ok(Math.abs(found[i] - due) < 1e-12);
    assert.equal(slowdown(crowding, 9, 1), 1);
    assert.equal(slowdown({ together: 4, factor: 0.9 }, 4, 8), 1);
    assert.equal(slowdown(null, 4, 8), 1);
  });

  it('knows that workers of one machine share its cores', () => {
    const sizes = Array.from({ length: 64 }, () => 1000);
    const seconds = (workers: number) =>
      forecastEpoch(inputOf(sizes, { sharedCores: 2 }), workers).epochSeconds;
    assert.ok(seconds(2) < 0.7 * seconds(1));
    assert.ok(seconds(4) > 0.95 * seconds(2));
  });

  it('fetches every bag once, and later what another worker had', () => {
    const sizes = Array.from({ length: 40 }, (_, i) => 100 + 13 * i);
    const bytes = 4 * sum(sizes);
    assert.deepEqual(
      [1, 4].map((workers) => forecastEpoch(inputOf(sizes), workers).firstBytes),
      [bytes, bytes],
    );
    assert.equal(forecastEpoch(inputOf(sizes), 1).laterBytes, 0);
    assert.equal(forecastEpoch(inputOf(sizes), 1).cacheBytes, bytes);
    assert.ok(
      forecastEpoch(inputOf(sizes), 4).laterBytes < 0.75 * bytes,
      'bags come home where that costs nothing',
    );
  });
});

describe('the end of what more workers help', () => {
  const stopOf = (sizes: readonly number[], changes: Partial<ForecastInput> = {}) => {
    const input = inputOf(sizes, changes);
    return whereItStops(
      input,
      [1, 2, 4, 8, 16].map((workers) => forecastEpoch(input, workers)),
    );
  };
  const even = Array.from({ length: 64 }, () => 3000);
  const cheap = { costs: { ...COSTS, parameters: 100, updateMs: 0 } };

  it('is told with its reason', () => {
    assert.match(
      stopOf(even, { ...cheap, sharedCores: 2 })?.why ?? '',
      /^4 workers of 1 thread share the 2 cores/,
    );
    const tooMany = stopOf(even, cheap);
    assert.equal(tooMany?.workers, 8);
    assert.match(tooMany?.why ?? '', /^a step has 8 bags, so 8 of 16 workers would have nothing to do/);
    assert.match(
      stopOf(even, { link: { gbits: 0.1, latencyMs: 1 } })?.why ?? '',
      /^summing 1.0 M parameters takes \d+ %/,
    );
    const odd = even.map((size, i) => (i % 8 === 0 ? 60_000 : size));
    assert.match(stopOf(odd, cheap)?.why ?? '', /^the largest bag of a step takes \d+ % of the time/);
  });

  it('is not there while all help', () => {
    assert.equal(stopOf(even, { ...cheap, batch: 64 }), null);
  });
});

describe('costs of a run', () => {
  const epoch: EpochRow = {
    ...{
      kind: 'epoch',
      epoch: 2,
      trainLoss: 1,
      validation: null,
      isBest: false,
      bagsPerSecond: 1,
      seconds: 1,
    },
    costs: { fixed: 1, perInstance: 0.1 },
  };
  const step = (number: number, milliseconds: number): StepRow => ({
    ...{ kind: 'step', epoch: 2, step: number, loss: 1, weight: 1, rate: 1, gradientNorm: 1 },
    ...{ bags: 4, instances: 160, balance: 1, milliseconds },
  });

  it('are those of its last epoch, and what its steps took beside', () => {
    const steps = [step(1, 25), step(2, 29), step(3, 900)];
    const { bag, updateMs } = recordedCosts('r', { epochs: [epoch], steps }, [], 10);
    assert.deepEqual(bag, epoch.costs);
    assert.equal(updateMs, 29 - 20);
  });

  it('are asked for where there are none', () => {
    const { costs: _, ...old } = epoch;
    assert.throws(() => recordedCosts('r', { epochs: [old], steps: [] }, [], 10), {
      code: 'usage',
      culprit: 'r',
    });
  });
});
