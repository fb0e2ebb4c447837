/** The chosen threshold is the best there is, and the same for the same predictions in any order. */
import assert from 'node:assert/strict';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { chooseThreshold } from '@bagfleet/worker/metrics/threshold';
import fc from 'fast-check';

const bags = (...pairs: [number, number][]) => pairs.map(([label, probability]) => ({ label, probability }));
const prediction = fc.record({
  label: fc.integer({ min: 0, max: 1 }),
  probability: fc.oneof(
    fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
});
const drawn = fc.array(prediction, { minLength: 1, maxLength: 30 });

function youdenAt(predictions: { label: number; probability: number }[], threshold: number): number {
  const { sensitivity, specificity } = evaluateBinary(predictions, null, threshold);
  return (sensitivity ?? NaN) + (specificity ?? NaN) - 1;
}

describe('threshold', () => {
  it('0.5 is 0.5', () => assert.equal(chooseThreshold('0.5', []).threshold, 0.5));

  it('Youden: 0.5 when it separates the classes', () => {
    const choice = chooseThreshold('youden', bags([0, 0.01], [0, 0.4], [1, 0.9]));
    assert.deepEqual(choice, {
      threshold: 0.5,
      reason: "Youden's J is 1.000 on 1 positive and 2 negative bags",
    });
  });

  it('Youden: halfway between two scores where 0.5 does not separate them', () => {
    assert.equal(chooseThreshold('youden', bags([0, 0.6], [1, 0.7])).threshold, (0.6 + 0.7) / 2);
    assert.equal(chooseThreshold('youden', bags([0, 0.1], [1, 0.3])).threshold, (0.1 + 0.3) / 2);
  });

  it('Youden: of equal J the cut nearest 0.5, then the lower', () => {
    // J is 1/2 at (0.2, 0.3] and at (0.8, 0.9]
    const far = bags([0, 0.2], [1, 0.3], [0, 0.8], [1, 0.9]);
    assert.equal(chooseThreshold('youden', far).threshold, 0.25);
    const near = bags([0, 0.1], [1, 0.2], [0, 0.5], [1, 0.8]);
    assert.equal(chooseThreshold('youden', near).threshold, 0.65);
  });

  it('Youden: 0.5 with a reason when a class is missing', () => {
    const choice = chooseThreshold('youden', bags([0, 0.9]));
    assert.equal(choice.threshold, 0.5);
    assert.match(choice.reason, /needs both classes, not 0 positive and 1 negative/);
  });

  it('Youden: no threshold does better, its order does not matter, and it lies in 0 … 1', () => {
    fc.assert(
      fc.property(drawn, fc.double({ min: 0, max: 1, noNaN: true }), (predictions, other) => {
        const { threshold } = chooseThreshold('youden', predictions);
        assert.ok(threshold >= 0 && threshold <= 1);
        assert.deepEqual(chooseThreshold('youden', [...predictions].reverse()).threshold, threshold);
        if (new Set(predictions.map((bag) => bag.label)).size < 2) return;
        const reached = youdenAt(predictions, threshold);
        for (const candidate of [0, 0.5, 1, other, ...predictions.map((bag) => bag.probability)]) {
          const elsewhere = youdenAt(predictions, candidate);
          assert.ok(
            elsewhere <= reached + 1e-12,
            `${candidate} reaches ${elsewhere}, ${threshold} ${reached}`,
          );
          if (candidate === 0.5 && elsewhere > reached - 1e-12) assert.equal(threshold, 0.5);
        }
      }),
    );
  });

  it('sensitivity: reached, and no larger threshold among all scores reaches it', () => {
    const wanted = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
    fc.assert(
      fc.property(drawn, wanted, (predictions, sensitivity) => {
        const { threshold } = chooseThreshold({ sensitivity }, predictions);
        if (!predictions.some((bag) => bag.label === 1)) return assert.equal(threshold, 0.5);
        assert.ok((evaluateBinary(predictions, null, threshold).sensitivity ?? NaN) >= sensitivity);
        for (const larger of [1, ...predictions.map((bag) => bag.probability)].filter((at) => at > threshold))
          assert.ok((evaluateBinary(predictions, null, larger).sensitivity ?? NaN) < sensitivity);
      }),
    );
  });

  it('sensitivity: 0.7 of ten positive bags is seven, whatever 0.7 times 10 rounds to', () => {
    const ten = bags(...Array.from({ length: 10 }, (_, i) => [1, (i + 1) / 20] as [number, number]));
    assert.equal(chooseThreshold({ sensitivity: 0.7 }, ten).threshold, 4 / 20);
  });
});
