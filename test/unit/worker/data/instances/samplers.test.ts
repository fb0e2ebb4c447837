/** Which instances the samplers draw, beside plain twins, and that they draw by the visit alone. */
import assert from 'node:assert/strict';
import type { BagfleetError } from '@bagfleet/proto/errors';
import { gridSampler } from '@bagfleet/worker/data/instances/samplers/grid';
import { randomSampler } from '@bagfleet/worker/data/instances/samplers/random';
import { regionSampler } from '@bagfleet/worker/data/instances/samplers/region';
import type { SampledBag, Sampler } from '@bagfleet/worker/data/instances/samplers/sampler';
import { tissueSampler } from '@bagfleet/worker/data/instances/samplers/tissue';
import { tissueShare } from '@bagfleet/worker/data/instances/samplers/tissue-share';
import fc from 'fast-check';
import { bagOfValues } from '../../../../support/made-up-bag.js';
import { bagOnSlides, VISIT } from '../../../../support/sampled-bag.js';

const point = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }));
const slides = fc.array(fc.array(point, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 3 });
const visit = fc.record({
  seed: fc.nat(),
  epoch: fc.integer({ min: 1, max: 9 }),
  bag: fc.string(),
  repeat: fc.nat(2),
});
const bagSizes = fc.integer({ min: 1, max: 20 });

function drawn(sampler: Sampler, bag: SampledBag, when = VISIT): number[] {
  return [...(sampler(bag, when) ?? Array.from({ length: bag.instances }, (_, i) => i))];
}

function distance({ coords }: SampledBag, a: number, b: number): number {
  const at = (i: number, axis: number) => (coords as Float32Array)[2 * i + axis];
  return Math.hypot(at(a, 0) - at(b, 0), at(a, 1) - at(b, 1));
}

function slideOf(bag: SampledBag, instance: number): number {
  return bag.slides.filter((begin) => begin <= instance).length - 1;
}

describe('samplers', () => {
  const samplers: [string, (bagSize: number) => Sampler][] = [
    ['random', randomSampler],
    ['region', regionSampler],
    ['grid', (bagSize) => gridSampler(bagSize, 4)],
  ];
  for (const [name, create] of samplers)
    it(`${name} draws bagSize instances, each once, by the visit alone`, () => {
      fc.assert(
        fc.property(slides, bagSizes, visit, (given, bagSize, when) => {
          const bag = bagOnSlides(given);
          const chosen = drawn(create(bagSize), bag, when);
          assert.equal(chosen.length, Math.min(bagSize, bag.instances));
          assert.equal(new Set(chosen).size, chosen.length);
          assert.ok(chosen.every((i) => i >= 0 && i < bag.instances));
          assert.deepEqual(drawn(create(bagSize), bag, when), chosen);
        }),
      );
    });

  for (const [name, create] of samplers)
    it(`${name} draws others in another epoch, bag, seed and visit`, () => {
      const bag = bagOnSlides([Array.from({ length: 400 }, (_, i) => [i % 20, Math.floor(i / 20)] as const)]);
      const chosen = drawn(create(20), bag).sort();
      for (const when of [{ epoch: 2 }, { bag: 'c' }, { seed: 2 }, { repeat: 1 }])
        assert.notDeepEqual(drawn(create(20), bag, { ...VISIT, ...when }).sort(), chosen);
    });

  it('region takes no instance while a nearer one of the slide is left out', () => {
    fc.assert(
      fc.property(slides, bagSizes, visit, (given, bagSize, when) => {
        const bag = bagOnSlides(given);
        const sampled = regionSampler(bagSize)(bag, when);
        if (!sampled) return;
        const chosen = [...sampled];
        const centre = chosen[0]; // nearest to itself, unless another one lies on it and comes first
        const own = chosen.filter((i) => slideOf(bag, i) === slideOf(bag, centre));
        const farthest = Math.max(...own.map((i) => distance(bag, centre, i)));
        for (let i = 0; i < bag.instances; i++)
          if (slideOf(bag, i) === slideOf(bag, centre) && !chosen.includes(i))
            assert.ok(distance(bag, centre, i) >= farthest);
        const others = new Set(chosen.map((i) => slideOf(bag, i)));
        const isWhole = (slide: number) => bag.slides[slide + 1] - bag.slides[slide];
        const whole = [...others].filter(
          (slide) => chosen.filter((i) => slideOf(bag, i) === slide).length === isWhole(slide),
        );
        assert.ok(whole.length >= others.size - 1, 'only the last region may be a part of its slide');
      }),
    );
  });

  it('grid takes as many from each cell as from any other, as far as they go', () => {
    fc.assert(
      fc.property(slides, bagSizes, visit, fc.integer({ min: 1, max: 6 }), (given, bagSize, when, cells) => {
        const bag = bagOnSlides(given);
        const sampled = gridSampler(bagSize, cells)(bag, when);
        if (!sampled) return;
        const members = new Map<string, number[]>();
        given.forEach((points, slide) => {
          const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
          const [left, top] = [Math.min(...xs), Math.min(...ys)];
          const side = Math.max(Math.max(...xs) - left, Math.max(...ys) - top) / cells || 1;
          points.forEach(([x, y], i) => {
            const cell = (value: number, from: number) =>
              Math.min(cells - 1, Math.floor((value - from) / side));
            const key = `${slide} ${cell(y, top)} ${cell(x, left)}`;
            members.set(key, [...(members.get(key) ?? []), bag.slides[slide] + i]);
          });
        });
        const counts = [...members.values()].map((cell) => ({
          taken: cell.filter((i) => sampled.includes(i)).length,
          size: cell.length,
        }));
        const most = Math.max(...counts.map(({ taken }) => taken));
        for (const { taken, size } of counts)
          assert.ok(taken >= Math.min(size, most - 1), `${taken} of ${size}`);
      }),
    );
  });

  it('region and grid need coordinates, of however small a bag', () => {
    const bag = { ...bagOfValues('b', [1, 2], [1]), slides: [0, 2] };
    for (const sampler of [regionSampler(5), gridSampler(5, 2)])
      assert.throws(
        () => sampler(bag, VISIT),
        (error: BagfleetError) => error.code === 'bag-format' && error.culprit === 'bag b',
      );
  });
});

describe('the tissue sampler', () => {
  const WHITE = [1, 1, 1];
  const GREY = [0.5, 0.5, 0.5];
  const PINK = [0.9, 0.5, 0.7];
  const BLACK = [0.02, 0, 0.01];

  function bagOfTiles(tiles: readonly (readonly number[][])[]): SampledBag {
    const bag = bagOfValues('b', tiles.flat(2), [2, 2, 3]);
    return { ...bag, slides: [0, bag.instances] };
  }

  it('counts pixels with colour and light', () => {
    assert.equal(tissueShare(Float32Array.from([WHITE, GREY, BLACK, PINK].flat())), 0.25);
    assert.equal(tissueShare(Float32Array.from([PINK, PINK].flat())), 1);
  });

  it('draws among the tiles that show enough', () => {
    const full = [PINK, PINK, PINK, PINK];
    const half = [PINK, PINK, WHITE, WHITE];
    const none = [WHITE, GREY, BLACK, WHITE];
    const bag = bagOfTiles([none, full, half, none, full, none]);
    assert.deepEqual(drawn(tissueSampler(10, 0.5), bag), [1, 2, 4]);
    assert.deepEqual(drawn(tissueSampler(10, 0.6), bag), [1, 4]);
    const seen = new Set(
      Array.from({ length: 40 }, (_, i) =>
        drawn(tissueSampler(1, 0.5), bag, { ...VISIT, epoch: i + 1 }),
      ).flat(),
    );
    assert.deepEqual([...seen].sort(), [1, 2, 4]);
  });

  it('falls back on those that show most', () => {
    const some = [PINK, WHITE, WHITE, WHITE];
    const none = [WHITE, GREY, BLACK, WHITE];
    assert.deepEqual(drawn(tissueSampler(2, 0.5), bagOfTiles([none, some, none, some, some])), [1, 3]);
  });
});
