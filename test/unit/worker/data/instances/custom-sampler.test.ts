/** Samplers that users write: what they are given, what they may not do, and how they are refused. */
import assert from 'node:assert/strict';
import type { BagfleetError } from '@bagfleet/proto/errors';
import { customSampler } from '@bagfleet/worker/data/instances/samplers/custom';
import { bagOnSlides, VISIT } from '../../../../support/sampled-bag.js';

const BAG = bagOnSlides([
  [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
  ],
  [[0, 0]],
]);

function answerOf(source: string, bagSize = 3): number[] {
  return [...(customSampler(source, bagSize)(BAG, VISIT) ?? [])];
}

function refused(source: string, message: RegExp): void {
  assert.throws(
    () => answerOf(source),
    (error: BagfleetError) => {
      assert.equal(error.code, 'job-invalid');
      assert.equal(error.culprit, 'job field data.sampler.file');
      assert.match(error.message, message);
      return true;
    },
  );
}

describe('a custom sampler', () => {
  it('is given the bag, and chooses by index', () => {
    assert.deepEqual(answerOf('module.exports = ({ slides }) => [slides[1], 0];'), [4, 0]);
    assert.deepEqual(
      answerOf(
        'module.exports = ({ coords, instances }) => [...Array(instances).keys()].filter((i) => coords[2 * i] > 1);',
      ),
      [2, 3],
    );
    assert.deepEqual(
      answerOf('module.exports = ({ features }) => [0, 1, 2].filter((i) => features(i)[0] > 0);'),
      [1, 2],
    );
    assert.deepEqual(
      answerOf('module.exports = (bag) => new Uint8Array([bag.bagSize, bag.epoch, bag.id === "b" ? 0 : 2]);'),
      [3, 1, 0],
    );
  });

  it('draws by the visit alone, other numbers at each call', () => {
    const source = `module.exports = ({ random, instances }) => {
      const [a, b] = [random(1)[0], random(1)[0]];
      if (a === b) throw new Error('the same twice');
      return [Math.floor(a * instances)];
    };`;
    const sampler = customSampler(source, 3);
    const of = (epoch: number) => [...(sampler(BAG, { ...VISIT, epoch }) ?? [])];
    const first = Array.from({ length: 20 }, (_, i) => of(i + 1));
    assert.deepEqual(
      Array.from({ length: 20 }, (_, i) => of(i + 1)),
      first,
    );
    assert.ok(new Set(first.flat()).size > 2);
  });

  it('has no chance, no clock and no modules of its own', () => {
    refused(
      'module.exports = () => [Math.floor(Math.random())];',
      /on bag b in line 1: Math\.random differs .* use bag\.random/,
    );
    refused('module.exports = () => [Date.now() % 2];', /Date is not defined/);
    refused("module.exports = () => [require('node:os').cpus().length];", /require is not defined/);
  });

  it('is refused where it is no sampler, with the line', () => {
    refused('module.exports = 3;', /it exports no function/);
    refused('\nconst x = ;', /it fails in line 2: Unexpected token/);
    refused(
      'module.exports = () => {\n  return nothing;\n};',
      /it fails on bag b in line 2: nothing is not defined/,
    );
  });

  it('is refused where it chooses what there is not', () => {
    refused('module.exports = () => null;', /no list of indices/);
    refused('module.exports = () => [];', /chooses nothing/);
    refused('module.exports = () => [0, 1, 2, 3];', /chooses 4 instances, bagSize is 3/);
    refused('module.exports = () => [5];', /chooses 5, there are instances 0 to 4/);
    refused('module.exports = () => [0.5];', /chooses 0\.5/);
    refused('module.exports = () => [1, 1];', /chooses instance 1 twice/);
  });

  it('can not change the bag', () => {
    const before = [...(BAG.coords as Float32Array)];
    answerOf(
      'module.exports = ({ coords, slides, features }) => { coords.fill(9); slides.push(1); features(0).fill(7); return [0]; };',
    );
    assert.deepEqual([...(BAG.coords as Float32Array)], before);
    assert.deepEqual(BAG.slides, [0, 4, 5]);
    assert.equal(BAG.features[0], 0);
  });
});
