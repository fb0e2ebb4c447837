/** Augmentation beside plain twins and beside torchvision. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { BagfleetError } from '@bagfleet/proto/errors';
import { drawShifts } from '@bagfleet/worker/data/instances/augment/draw-shifts';
import { centreView } from '@bagfleet/worker/data/instances/augment/draw-views';
import { type ColorShift, jitterColors } from '@bagfleet/worker/data/instances/augment/jitter-colors';
import { normalQuantiles } from '@bagfleet/worker/data/instances/augment/normal-quantiles';
import { seeTile } from '@bagfleet/worker/data/instances/augment/tile-view';
import { dropInstances } from '@bagfleet/worker/data/instances/drop-instances';
import { makeInstanceRules } from '@bagfleet/worker/data/instances/instance-rules';
import { prepareInstances } from '@bagfleet/worker/data/instances/prepare-instances';
import type { SampledBag } from '@bagfleet/worker/data/instances/samplers/sampler';
import type { Visit } from '@bagfleet/worker/data/instances/visit';
import fc from 'fast-check';
import { instanceSettings } from '../../../../support/instance-settings.js';
import { bagOfValues } from '../../../../support/made-up-bag.js';
import { VISIT } from '../../../../support/sampled-bag.js';

type Settings = Parameters<typeof instanceSettings>[0];

function bagOf(values: ArrayLike<number>, shape: readonly number[]): SampledBag {
  const bag = bagOfValues('b', values, shape);
  return { ...bag, slides: [0, bag.instances] };
}

function seen(bag: SampledBag, settings: Settings, visit: Visit | null = VISIT): Float32Array {
  return prepareInstances(bag, makeInstanceRules(instanceSettings(settings), bag.instanceShape), visit)
    .features;
}

interface Fixture {
  readonly side: number;
  /** uint8, [side, side, 3] */
  readonly tiles: readonly (readonly number[])[];
  readonly colours: readonly {
    readonly tile: number;
    readonly steps: readonly (readonly [ColorShift['order'][number], number])[];
    readonly values: readonly number[];
  }[];
  /** [place of 65,536, value] */
  readonly quantiles: readonly (readonly [number, number])[];
  readonly crops: readonly { readonly side: number; readonly crop: number; readonly first: number }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../../../fixtures/augment/torchvision.json', import.meta.url), 'utf8'),
) as Fixture;

describe('colour jitter', () => {
  it("changes colours as torchvision's functions do, one after the other", () => {
    for (const { tile, steps, values } of fixture.colours) {
      const shift = {
        ...{ brightness: 1, contrast: 1, saturation: 1, hue: 0 },
        ...Object.fromEntries(steps),
        order: steps.map(([what]) => what),
      };
      const pixels = Float32Array.from(fixture.tiles[tile], (value) => value / 255);
      jitterColors(pixels, shift);
      const off = Math.max(...values.map((value, i) => Math.abs(value - pixels[i])));
      assert.ok(off < 2e-6, `${JSON.stringify(steps)} of tile ${tile}: off by ${off}`);
    }
  });

  it('draws factors from the ranges of ColorJitter, in any order, and leaves out what is 0', () => {
    const spec = { brightness: 0.2, contrast: 1.5, saturation: 0, hue: 0.1 };
    const shifts = drawShifts(3000, spec, VISIT);
    const of = (what: 'brightness' | 'contrast' | 'hue') => shifts.map((shift) => shift[what]);
    const spans = { brightness: [0.8, 1.2], contrast: [0, 2.5], hue: [-0.1, 0.1] } as const;
    for (const what of ['brightness', 'contrast', 'hue'] as const) {
      const [least, most] = spans[what];
      const values = of(what);
      assert.ok(values.every((value) => value >= least && value <= most));
      assert.ok(Math.min(...values) < least + 0.01 * (most - least));
      assert.ok(Math.max(...values) > most - 0.01 * (most - least));
    }
    const orders = new Map<string, number>();
    for (const { order } of shifts) orders.set(order.join(), (orders.get(order.join()) ?? 0) + 1);
    assert.equal(orders.size, 6);
    assert.ok([...orders.values()].every((count) => Math.abs(count - 500) < 5 * Math.sqrt(500)));
    assert.ok([...orders.keys()].every((order) => !order.includes('saturation')));
  });
});

describe('views of tiles', () => {
  /** As rows of pixels, on which turning and mirroring are plain to write. */
  type Rows = number[][];
  const turned = (rows: Rows): Rows => rows[0].map((_, x) => rows.map((row) => row[rows[0].length - 1 - x]));
  const mirrored = (rows: Rows): Rows => rows.map((row) => [...row].reverse());

  it('cut, then turn, then mirror', () => {
    const cases = fc.record({
      height: fc.integer({ min: 1, max: 7 }),
      width: fc.integer({ min: 1, max: 7 }),
      turns: fc.integer({ min: 0, max: 3 }),
      mirror: fc.boolean(),
      flip: fc.boolean(),
      crop: fc.nat(),
      place: fc.tuple(fc.nat(), fc.nat()),
    });
    fc.assert(
      fc.property(cases, ({ height, width, turns, mirror, flip, crop, place }) => {
        const side = 1 + (crop % Math.min(height, width));
        const [top, left] = [place[0] % (height - side + 1), place[1] % (width - side + 1)];
        const tile = Float32Array.from({ length: height * width * 2 }, (_, i) => i);
        const out = new Float32Array(side * side * 2);
        const view = { top, left, turns, mirrored: mirror, flipped: flip };
        seeTile(tile, { height, width, channels: 2 }, view, out, { height: side, width: side, channels: 2 });
        let rows: Rows = Array.from({ length: side }, (_, y) =>
          Array.from({ length: side }, (_, x) => (top + y) * width + left + x),
        );
        for (let turn = 0; turn < turns; turn++) rows = turned(rows);
        if (mirror) rows = mirrored(rows);
        if (flip) rows = [...rows].reverse();
        assert.deepEqual(
          [...out],
          rows.flat().flatMap((pixel) => [2 * pixel, 2 * pixel + 1]),
        );
      }),
    );
  });

  it("have torchvision's centre in inference, whatever is drawn in training", () => {
    for (const { side, crop, first } of fixture.crops) {
      const size = (length: number) => ({ height: length, width: length, channels: 1 });
      assert.equal(centreView(size(side), size(crop)).top, first, `${crop} of ${side}`);
    }
    const tile = Float32Array.from({ length: 25 }, (_, i) => i);
    const augment = { flips: true, quarterRotations: true, featureNoise: 1, instanceDropout: 0.5 };
    assert.deepEqual(
      [...seen(bagOf(tile, [5, 5, 1]), { crop: 3, augment }, null)],
      [6, 7, 8, 11, 12, 13, 16, 17, 18],
    );
  });

  it('come in all 8 orientations and at all places, each about as often', () => {
    const tiles = 4000;
    const tile = Float32Array.from({ length: 9 * tiles }, (_, i) => i % 9);
    const augment = { flips: true, quarterRotations: true };
    const views = seen(bagOf(tile, [3, 3, 1]), { crop: 2, augment });
    const counts = new Map<string, number>();
    for (let i = 0; i < tiles; i++) {
      const view = views.subarray(4 * i, 4 * i + 4).join();
      counts.set(view, (counts.get(view) ?? 0) + 1);
    }
    assert.equal(counts.size, 4 * 8);
    const expected = tiles / 32;
    assert.ok([...counts.values()].every((count) => Math.abs(count - expected) < 5 * Math.sqrt(expected)));
  });
});

describe('augmentation of instances', () => {
  it('drops instances at the given rate, one stays at least', () => {
    const kept = dropInstances(null, 20_000, 0.3, VISIT) as Uint32Array;
    assert.ok(Math.abs(kept.length - 14_000) < 5 * Math.sqrt(20_000 * 0.3 * 0.7));
    assert.deepEqual(
      [...kept],
      [...kept].sort((a, b) => a - b),
    );
    for (let epoch = 1; epoch < 30; epoch++)
      assert.ok(
        (dropInstances(Uint32Array.of(4, 9), 10, 0.95, { ...VISIT, epoch }) as Uint32Array).length >= 1,
      );
    assert.equal(dropInstances(null, 10, 0, VISIT), null);
  });

  it("draws noise from PyTorch's quantiles of the normal distribution", () => {
    const table = normalQuantiles();
    assert.equal(table.length, 65_536);
    for (const [place, value] of fixture.quantiles)
      assert.ok(
        Math.abs(table[place] - value) < 1e-6 * Math.max(1, Math.abs(value)),
        `${place}: ${table[place]}`,
      );
    for (let i = 0; i < 32_768; i++) assert.equal(table[i], -table[65_535 - i]);
  });

  it('adds normal noise after normalisation, other noise in each visit, none in inference', () => {
    const bag = bagOf(new Float32Array(40_000).fill(3), [4]);
    const settings: Settings = { normalize: { mean: [3], std: [2] }, augment: { featureNoise: 0.5 } };
    const noisy = seen(bag, settings);
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const deviation = Math.sqrt(noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length);
    assert.ok(Math.abs(mean) < 0.015 && Math.abs(deviation - 0.5) < 0.015, `${mean} ± ${deviation}`);
    assert.deepEqual(seen(bag, settings), noisy);
    assert.notDeepEqual(seen(bag, settings, { ...VISIT, epoch: 2 }), noisy);
    assert.ok(seen(bag, settings, null).every((value) => value === 0));
    assert.ok(bag.features.every((value) => value === 3));
  });

  it('is refused by the job field where it does not fit the instances', () => {
    const cases: [Settings, number[], string][] = [
      [{ augment: { flips: true } }, [8], 'data.augment.flips'],
      [{ augment: { quarterRotations: true } }, [8, 6, 3], 'data.augment.quarterRotations'],
      [{ augment: { colorJitter: { hue: 0.1 } } }, [8, 8, 1], 'data.augment.colorJitter'],
      [{ crop: 9 }, [8, 12, 3], 'data.crop'],
      [{ crop: 9 }, [12], 'data.crop'],
      [{ sampler: { kind: 'tissue' } }, [12], 'data.sampler.kind'],
      [{ sampler: { kind: 'custom' } }, [12], 'data.sampler.file'],
    ];
    for (const [settings, shape, field] of cases)
      assert.throws(
        () => makeInstanceRules(instanceSettings(settings), shape),
        (error: BagfleetError) => error.code === 'job-invalid' && error.culprit === `job field ${field}`,
        field,
      );
    makeInstanceRules(instanceSettings({ crop: 6, augment: { quarterRotations: true } }), [8, 6, 3]);
  });

  it('recolours images only', () => {
    assert.throws(
      () => seen(bagOf(new Float32Array(12), [2, 2, 3]), { augment: { colorJitter: { hue: 0.1 } } }),
      (error: BagfleetError) => error.code === 'bag-format' && error.culprit === 'bag b',
    );
  });
});
