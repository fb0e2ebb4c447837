import assert from 'node:assert/strict';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { mapAtMost } from '@bagfleet/worker/data/map-at-most';

describe('map at most', () => {
  it('gives results in order, and never works on more than it may', async () => {
    let underWay = 0;
    let most = 0;
    const work = async (item: number, index: number) => {
      most = Math.max(most, ++underWay);
      for (let turns = item % 5; turns >= 0; turns--) await letOthersRun();
      underWay--;
      return [item, index];
    };
    const items = [9, 3, 4, 1, 0, 7, 2];
    assert.deepEqual(
      await mapAtMost(items, 3, work),
      items.map((item, i) => [item, i]),
    );
    assert.equal(most, 3);
    assert.deepEqual(await mapAtMost([], 3, work), []);
  });

  it('tells of the first item that failed, once nothing is under way, and starts no more', async () => {
    const ended: number[] = [];
    const work = async (item: number) => {
      for (let turns = 10 - item; turns >= 0; turns--) await letOthersRun();
      ended.push(item);
      if (item >= 2) throw new Error(`item ${item}`);
    };
    await assert.rejects(mapAtMost([0, 1, 2, 3, 4, 5], 4, work), /item 2/);
    assert.deepEqual(ended, [3, 2, 1, 0]);
  });
});
