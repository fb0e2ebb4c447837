import assert from 'node:assert/strict';
import { splitRule } from '@bagfleet/orchestrator/datasets/splits/split-rule';
import type { BagfleetError } from '@bagfleet/proto/errors';

describe('split rule', () => {
  it('reads shares; what is not named gets nothing', () => {
    assert.deepEqual(splitRule('train=0.8,test=.2', true), {
      kind: 'shares',
      shares: { train: 0.8, val: 0, test: 0.2 },
    });
  });

  it('without words takes the column, or 70/15/15', () => {
    assert.deepEqual(splitRule(undefined, true), { kind: 'column' });
    assert.deepEqual(splitRule(undefined, false), {
      kind: 'shares',
      shares: { train: 0.7, val: 0.15, test: 0.15 },
    });
  });

  const refusals: [words: string, message: RegExp][] = [
    ['column', /no column split/],
    ['train=0.7', /add up to 0.7/],
    ['train=1,dev=0', /"dev=0" is no share/],
    ['train=70%', /is no share/],
    ['val=0.5,test=0.5', /no bag is left to train/],
    ['', /"" is no share/],
  ];
  for (const [words, message] of refusals)
    it(`refuses --split ${JSON.stringify(words)}`, () => {
      assert.throws(
        () => splitRule(words, false),
        (error: BagfleetError) =>
          error.code === 'usage' && error.culprit === `--split ${words}` && message.test(error.message),
      );
    });
});
