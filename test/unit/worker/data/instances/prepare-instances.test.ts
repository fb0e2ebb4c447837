import assert from 'node:assert/strict';
import type { BagfleetError } from '@bagfleet/proto/errors';
import type { Bag } from '@bagfleet/worker/data/bag';
import { makeInstanceRules } from '@bagfleet/worker/data/instances/instance-rules';
import { prepareInstances } from '@bagfleet/worker/data/instances/prepare-instances';
import { makeNormalizer } from '@bagfleet/worker/data/normalize';
import { instanceSettings } from '../../../../support/instance-settings.js';
import { bagOfValues } from '../../../../support/made-up-bag.js';

function prepared(bag: Bag, normalize: { mean: number[]; std: number[] } | null): number[] {
  const rules = makeInstanceRules(instanceSettings({ normalize }), bag.instanceShape);
  return [...prepareInstances(bag, rules, null).features];
}

describe('instances of a visit', () => {
  it('normalises tiles per channel after / 255', () => {
    const tiles = new Uint8Array(new SharedArrayBuffer(6));
    tiles.set([0, 255, 51, 102, 153, 204]); // [1, 1, 3, 2]
    const bag: Bag = {
      ...bagOfValues('b', new Float32Array(6), [1, 3, 2]),
      type: 'uint8',
      features: tiles,
    };
    const scaled = Float32Array.from(tiles, (value) => value / 255);
    const wanted = scaled.map((value, i) => (i % 2 === 0 ? (value - 0.5) / 2 : (value - 0.25) / 4));
    assert.deepEqual(prepared(bag, { mean: [0.5, 0.25], std: [2, 4] }), [...wanted]);
  });

  it('normalises vectors per feature and leaves the stored bag as it is', () => {
    const values = Float32Array.from({ length: 21 }, (_, i) => Math.sin(i));
    const bag = bagOfValues('b', values, [3]);
    const twin = values.map((value, i) => (value - [1, 2, 3][i % 3]) / 0.5);
    assert.deepEqual(prepared(bag, { mean: [1, 2, 3], std: [0.5] }), [...twin]);
    assert.deepEqual([...bag.features], [...values]);
    assert.deepEqual(prepared(bag, null), [...values]);
  });

  it('draws bagSize instances without replacement, in order, by seed, epoch, bag and repeat alone', () => {
    const values = Float32Array.from({ length: 60 }, (_, i) => i);
    const bag = { ...bagOfValues('b', values, [2]), slides: [0, 30] };
    const rules = makeInstanceRules(instanceSettings({ sampler: { kind: 'random', bagSize: 7 } }), [2]);
    const draw = (epoch: number, id = 'b', repeat = 0) => [
      ...prepareInstances(bag, rules, { seed: 1, epoch, bag: id, repeat }).features,
    ];
    const drawn = draw(1);
    const firsts = drawn.filter((_, i) => i % 2 === 0);
    assert.equal(new Set(firsts).size, 7);
    assert.deepEqual(
      firsts,
      [...firsts].sort((a, b) => a - b),
    );
    assert.deepEqual(
      drawn,
      firsts.flatMap((value) => [value, value + 1]),
    );
    assert.deepEqual(draw(1), drawn);
    assert.notDeepEqual(draw(2), drawn);
    assert.notDeepEqual(draw(1, 'c'), drawn);
    assert.notDeepEqual(draw(1, 'b', 1), drawn);
    assert.equal(prepareInstances(bag, rules, null).instances, 30);
  });

  it('a normalisation of the wrong length names the job field', () => {
    assert.throws(
      () => makeNormalizer({ mean: [0.5], std: [1, 1] }, [28, 28, 3]),
      (error: BagfleetError) =>
        error.code === 'job-invalid' &&
        error.culprit === 'job field data.normalize.std' &&
        /or 3: one per channel/.test(error.hint ?? ''),
    );
  });
});
