/** A cache of bags follows the memory limit. */
import assert from 'node:assert/strict';
import { cacheBudget } from '@bagfleet/worker/data/cache-budget';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('the memory for bags that are kept', () => {
  it('is what the job says where there is room', () => {
    assert.equal(cacheBudget(1024 * MIB, 4 * GIB, 1), 1024 * MIB);
    assert.equal(cacheBudget(1024 * MIB, null, 8), 1024 * MIB);
  });

  it('is a part of a small limit, and of a share of one that several workers have together', () => {
    assert.equal(cacheBudget(1024 * MIB, GIB, 1), Math.floor(0.4 * GIB));
    assert.equal(cacheBudget(4 * GIB, 16 * GIB, 8), Math.floor((0.4 * 16 * GIB) / 8));
  });

  it('takes what the system says where there is no limit', () => {
    assert.equal(cacheBudget(1024 * MIB, 2 ** 64, 1), 1024 * MIB);
    assert.equal(cacheBudget(0, GIB, 1), 0);
  });
});
