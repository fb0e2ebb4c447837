/** Initial values: where they lie, how they are spread, and what they depend on. */
import assert from 'node:assert/strict';
import type { Parameter } from '@bagfleet/worker/models/model';
import { initialParameters } from '@bagfleet/worker/train/initialise';
import { BLOCK, layoutOf } from '@bagfleet/worker/train/parameter-layout';

const WEIGHT: Parameter = { name: 'weight', shape: [40, 50], init: { kind: 'uniform', bound: 0.2 } };
const XAVIER: Parameter = {
  name: 'xavier',
  shape: [30, 70],
  init: { kind: 'xavierUniform', fanIn: 70, fanOut: 30 },
};
const ONES: Parameter = { name: 'ones', shape: [3], init: { kind: 'constant', value: 1 } };

/** Values per parameter name. */
function draw(parameters: readonly Parameter[], seed: number): Record<string, Float32Array> {
  const layout = layoutOf(parameters);
  const flat = initialParameters(parameters, layout, seed);
  assert.equal(flat.length, layout.length);
  return Object.fromEntries(
    layout.places.map((place) => [place.name, flat.slice(place.offset, place.offset + place.length)]),
  );
}

describe('initialParameters', () => {
  it('spreads values evenly up to the bound', () => {
    const values = draw([WEIGHT, XAVIER], 1);
    for (const [name, bound] of [
      ['weight', 0.2],
      ['xavier', Math.sqrt(6 / 100)],
    ] as const) {
      const drawn = values[name];
      assert.ok(drawn.every((value) => Math.abs(value) <= bound));
      const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
      const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
      // Five standard errors of 2,000 draws; the draws are fixed, so this cannot flicker.
      assert.ok(Math.abs(mean) < (5 * bound) / Math.sqrt(3 * drawn.length));
      assert.ok(Math.abs(variance / (bound ** 2 / 3) - 1) < 0.1);
    }
  });

  it('fills constants, and leaves padding at zero', () => {
    const flat = initialParameters([ONES], layoutOf([ONES]), 1);
    assert.deepEqual([...flat], [1, 1, 1, ...new Array<number>(BLOCK - 3).fill(0)]);
  });

  it('depends on seed and name, not on the other parameters', () => {
    assert.deepEqual(draw([ONES, XAVIER, WEIGHT], 1).weight, draw([WEIGHT], 1).weight);
    assert.notDeepEqual(draw([WEIGHT], 2).weight, draw([WEIGHT], 1).weight);
    assert.notDeepEqual(draw([{ ...WEIGHT, name: 'other' }], 1).other, draw([WEIGHT], 1).weight);
  });
});
