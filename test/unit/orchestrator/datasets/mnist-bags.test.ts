import assert from 'node:assert/strict';
import { readIdx } from '@bagfleet/orchestrator/datasets/idx-file';
import { planMnistBags } from '@bagfleet/orchestrator/datasets/mnist-bags';
import { loadMnistDigits } from '@bagfleet/orchestrator/datasets/mnist-digits';
import { CounterRng } from '@bagfleet/proto/counter-rng';
import fc from 'fast-check';

/** Digits as in MNIST: ten classes, one in ten a 9. */
const LABELS = {
  train: Uint8Array.from(new CounterRng(1, ['labels']).uint32(60_000), (value) => value % 10),
  test: Uint8Array.from(new CounterRng(2, ['labels']).uint32(10_000), (value) => value % 10),
};
const counts = fc.record({ train: fc.nat(30), val: fc.nat(30), test: fc.nat(30) });

describe('plan of MNIST-bags', () => {
  it('a bag is positive if it holds a 9, and half of each split are', () => {
    fc.assert(
      fc.property(fc.nat(1e6), counts, (seed, bags) => {
        const plan = planMnistBags({ seed, bags }, LABELS);
        for (const split of ['train', 'val', 'test'] as const) {
          const inSplit = plan.filter((bag) => bag.split === split);
          assert.equal(inSplit.length, bags[split]);
          assert.equal(inSplit.filter((bag) => bag.label === 1).length, Math.floor(bags[split] / 2));
          const labels = split === 'test' ? LABELS.test : LABELS.train;
          for (const bag of inSplit)
            assert.equal(bag.digits.some((digit) => labels[digit] === 9) ? 1 : 0, bag.label);
        }
        assert.equal(new Set(plan.map((bag) => bag.id)).size, plan.length);
      }),
      { numRuns: 20 },
    );
  });

  it('no digit is both in a training and in a validation bag', () => {
    const plan = planMnistBags({ seed: 3, bags: { train: 2000, val: 500, test: 0 } }, LABELS);
    const digitsOf = (split: string) =>
      plan.filter((bag) => bag.split === split).flatMap((bag) => [...bag.digits]);
    const training = new Set(digitsOf('train'));
    assert.ok(digitsOf('val').every((digit) => !training.has(digit)));
  });

  it('sizes are N(10, 2), and tell nothing about the label', () => {
    const plan = planMnistBags({ seed: 5, bags: { train: 4000, val: 0, test: 4000 } }, LABELS);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const sizesOf = (label: number) =>
      plan.filter((bag) => bag.label === label).map((bag) => bag.digits.length);
    // Standard error of each mean: 2 / √4000 = 0.03; the seed is fixed, so this cannot flake.
    assert.ok(Math.abs(mean(sizesOf(0)) - 10) < 0.1);
    assert.ok(Math.abs(mean(sizesOf(1)) - 10) < 0.1);
    const sizes = plan.map((bag) => bag.digits.length);
    const deviation = Math.sqrt(mean(sizes.map((size) => (size - 10) ** 2)));
    assert.ok(Math.abs(deviation - Math.sqrt(4 + 1 / 12)) < 0.06, `deviation ${deviation}`); // rounding adds 1/12
  });

  it('positive bags have as many nines as bags drawn blindly that hold one', () => {
    const plan = planMnistBags({ seed: 6, bags: { train: 4000, val: 0, test: 0 } }, LABELS);
    const positive = plan.filter((bag) => bag.label === 1);
    const nines = positive.reduce(
      (sum, bag) => sum + bag.digits.filter((digit) => LABELS.train[digit] === 9).length,
      0,
    );
    const share = LABELS.train.filter((label) => label === 9).length / LABELS.train.length;
    const wanted = positive.reduce(
      (sum, { digits: { length } }) => sum + (length * share) / (1 - (1 - share) ** length),
      0,
    );
    assert.ok(Math.abs(nines / wanted - 1) < 0.03, `${nines} nines, ${wanted} expected`);
  });

  it('the same seed gives the same bags, another one others', () => {
    const bags = { train: 20, val: 10, test: 20 };
    assert.deepEqual(planMnistBags({ seed: 1, bags }, LABELS), planMnistBags({ seed: 1, bags }, LABELS));
    assert.notDeepEqual(planMnistBags({ seed: 1, bags }, LABELS), planMnistBags({ seed: 2, bags }, LABELS));
  });
});

describe('digits of MNIST', () => {
  it('are the 70,000 of the original', async () => {
    const { train, test } = await loadMnistDigits();
    const histogramOf = (labels: Uint8Array) =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    // Counts per digit as LeCun's page and every copy of MNIST have them.
    assert.deepEqual(histogramOf(train.labels), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert.deepEqual(histogramOf(test.labels), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const sum = train.images.reduce((total, value) => total + value, 0);
    // The mean and deviation that everybody normalises with: 0.1307.
    assert.equal((sum / train.images.length / 255).toFixed(4), '0.1307');
  });

  it('a damaged file is refused', () => {
    const good = Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]);
    assert.deepEqual([...readIdx(good, 'labels').values], [7, 9]);
    for (const bad of [
      good.subarray(0, 9),
      Buffer.concat([good, good]),
      good.subarray(0, 3),
      Buffer.from([0, 0, 13, 1, 0, 0, 0, 0]),
    ])
      assert.throws(() => readIdx(bad, 'labels'), /IDX|bytes/);
  });
});
