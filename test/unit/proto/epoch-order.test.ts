/** I1 at its root: an epoch's batches hold every bag exactly once, whatever the sizes. */
import assert from 'node:assert/strict';
import { balancedOrder, batchOf, epochOrder, stepsPerEpoch } from '@bagfleet/proto';
import fc from 'fast-check';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const epochs = fc.integer({ min: 1, max: 1000 });

describe('the balanced order', () => {
  /** One class of 60 bags, one of 30, one of 10. */
  const labels = Array.from({ length: 100 }, (_, i) => (i < 60 ? 0 : i < 90 ? 4 : 2));

  it('draws as many entries as there are bags, all classes alike and all bags of a class alike', () => {
    const rounds = 2000;
    const counts = labels.map(() => 0);
    for (let epoch = 1; epoch <= rounds; epoch++) {
      const order = balancedOrder(1, epoch, labels);
      assert.equal(order.length, labels.length);
      for (const place of order) counts[place]++;
    }
    for (const [place, count] of counts.entries()) {
      const ofClass = labels.filter((label) => label === labels[place]).length;
      const expected = (rounds * labels.length) / 3 / ofClass;
      const tolerance = 5 * Math.sqrt(expected);
      assert.ok(Math.abs(count - expected) < tolerance, `bag ${place}: ${count} of ${expected}`);
    }
  });

  it('is a function of seed, epoch and classes', () => {
    assert.deepEqual(balancedOrder(7, 3, labels), balancedOrder(7, 3, labels));
    assert.notDeepEqual(balancedOrder(7, 3, labels), balancedOrder(7, 4, labels));
    assert.notDeepEqual(balancedOrder(7, 3, labels), balancedOrder(8, 3, labels));
  });
});

describe('the epoch order', () => {
  it('holds each bag once, cut into batches of which only the last may be short', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 64 }));
    fc.assert(
      fc.property(seeds, epochs, sizes, (seed, epoch, [bags, batch]) => {
        const order = epochOrder(seed, epoch, bags);
        const batches = Array.from({ length: stepsPerEpoch(bags, batch) }, (_, step) => [
          ...batchOf(order, batch, step),
        ]);
        assert.ok(batches.slice(0, -1).every(({ length }) => length === batch));
        const last = batches.at(-1)?.length ?? 0;
        assert.ok(last >= 1 && last <= batch);
        assert.deepEqual(
          batches.flat().sort((a, b) => a - b),
          Array.from({ length: bags }, (_, i) => i),
        );
      }),
    );
  });

  it('is a function of seed and epoch, and another one for others', () => {
    assert.deepEqual(epochOrder(7, 3, 100), epochOrder(7, 3, 100));
    assert.notDeepEqual(epochOrder(7, 3, 100), epochOrder(7, 4, 100));
    assert.notDeepEqual(epochOrder(7, 3, 100), epochOrder(8, 3, 100));
  });

  it('puts every bag in every place about equally often', () => {
    const bags = 8;
    const rounds = 4000;
    const counts = Array.from({ length: bags }, () => Array.from({ length: bags }, () => 0));
    for (let epoch = 1; epoch <= rounds; epoch++)
      for (const [place, bag] of epochOrder(1, epoch, bags).entries()) counts[bag][place]++;
    const expected = rounds / bags;
    const tolerance = 5 * Math.sqrt(expected); // five standard deviations of a Poisson count
    for (const count of counts.flat())
      assert.ok(Math.abs(count - expected) < tolerance, `${count} of ${expected}`);
  });
});
