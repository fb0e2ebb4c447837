import assert from 'node:assert/strict';
import { classNames } from '@bagfleet/orchestrator/datasets/targets/class-names';
import { BagfleetError } from '@bagfleet/proto/errors';

const names = (labels: string[], positive?: string) => classNames(labels, positive, 'labels.csv');

function refusal(run: () => unknown): BagfleetError {
  try {
    run();
  } catch (thrown) {
    assert.ok(thrown instanceof BagfleetError);
    return thrown;
  }
  assert.fail('nothing was refused');
}

describe('class names', () => {
  it('numbers keep their order, as numbers', () => {
    assert.deepEqual(names(['10', '2', '0', '2']), ['0', '2', '10']);
  });

  it('of two words that everybody knows the positive one is last', () => {
    assert.deepEqual(names(['Tumor', 'Normal']), ['Normal', 'Tumor']);
    assert.deepEqual(names(['positive', 'negative']), ['negative', 'positive']);
    assert.deepEqual(names(['yes', 'no', 'yes']), ['no', 'yes']);
  });

  it('of other two words somebody must say which is positive', () => {
    const error = refusal(() => names(['healthy', 'cancer stage 1']));
    assert.match(error.message, /cancer stage 1 and healthy/);
    assert.match(error.hint ?? '', /--positive healthy or --positive 'cancer stage 1'/);
    assert.deepEqual(names(['healthy', 'cancer'], 'cancer'), ['healthy', 'cancer']);
    assert.deepEqual(names(['0', '1'], '0'), ['1', '0']);
  });

  it('more than two words go by the alphabet', () => {
    assert.deepEqual(names(['lung', 'breast', 'colon', 'lung']), ['breast', 'colon', 'lung']);
  });

  it('refuses one class, a positive class that no bag has, and one of three', () => {
    assert.match(refusal(() => names(['a', 'a'])).message, /all bags have the label a/);
    assert.match(refusal(() => names(['a', 'b'], 'c')).message, /no bag has the label c/);
    assert.match(refusal(() => names(['a', 'b', 'c'], 'c')).message, /there are 3 classes/);
  });
});
