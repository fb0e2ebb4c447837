import assert from 'node:assert/strict';
import { eachConcurrently } from '@bagfleet/orchestrator/datasets/each-concurrently';
import fc from 'fast-check';

const silent = { label: 'working', progress: () => {} };

describe('each, concurrently', () => {
  it('gives what a plain loop gives, in order, whichever ends first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 50 }), fc.scheduler(), async (items, s) => {
        const results = eachConcurrently(items, (item) => s.schedule(Promise.resolve(item * 2)), silent);
        assert.deepEqual(
          await s.waitFor(results),
          items.map((item) => item * 2),
        );
      }),
    );
  });

  it('tells of each item that is done, and never runs more than 16 at once', async () => {
    const told: string[] = [];
    let underWay = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
    };
    const progress = (done: number, total: number, label: string) => told.push(`${label} ${done}/${total}`);
    await eachConcurrently(Array.from({ length: 40 }), work, { label: 'reading', progress });
    assert.equal(most, 16);
    assert.deepEqual([told.length, told[0], told[39]], [40, 'reading 1/40', 'reading 40/40']);
  });

  it('throws the error of the first item that failed, starts no more, leaves none under way', async () => {
    const failing = fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(failing, fc.scheduler(), async (fails, s) => {
        let underWay = 0;
        const work = async (item: number) => {
          underWay++;
          await s.schedule(Promise.resolve());
          underWay--;
          if (fails.includes(item)) throw new Error(`item ${item}`);
        };
        const all = eachConcurrently(
          Array.from({ length: 40 }, (_, i) => i),
          work,
          silent,
        );
        const outcome = all.then(
          () => assert.fail(),
          (error: Error) => error.message,
        );
        assert.equal(await s.waitFor(outcome), `item ${Math.min(...fails)}`);
        assert.equal(underWay, 0);
      }),
    );
  });
});
