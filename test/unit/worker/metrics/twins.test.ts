/** Each metric beside a twin so simple that it can be read off the definition, over random predictions. */
import assert from 'node:assert/strict';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { evaluateMulticlass } from '@bagfleet/worker/metrics/evaluate-multiclass';
import { precisionRecallCurve, rocCurve } from '@bagfleet/worker/metrics/operating-curves';
import type { BinaryPrediction } from '@bagfleet/worker/metrics/prediction';
import { scoreTable } from '@bagfleet/worker/metrics/score-table';
import fc from 'fast-check';

/** Few distinct scores, so that ties, 0 and 1 are common. */
const score = fc.oneof(
  fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const prediction = fc.record({ label: fc.integer({ min: 0, max: 1 }), probability: score });
const predictions = fc.array(prediction, { maxLength: 40 });

function close(a: number | null | undefined, b: number | null): void {
  if (a === null || a === undefined || b === null) assert.equal(a, b);
  else assert.ok(Math.abs(a - b) <= 1e-9, `${a} and ${b}`);
}

function aucByPairs(bags: readonly BinaryPrediction[]): number | null {
  let right = 0;
  let pairs = 0;
  for (const one of bags)
    for (const other of bags)
      if (one.label === 1 && other.label === 0) {
        pairs++;
        if (one.probability > other.probability) right += 1;
        if (one.probability === other.probability) right += 0.5;
      }
  return pairs === 0 ? null : right / pairs;
}

/** Area under the polygon through all (false positive rate, true positive rate) points. */
function aucByTrapezoids(bags: readonly BinaryPrediction[]): number | null {
  const points = rocCurve(scoreTable(bags));
  if (points.length === 0) return null;
  assert.deepEqual(
    [points[0], points[points.length - 1]],
    [
      [0, 0],
      [1, 1],
    ],
  );
  let area = 0;
  for (let i = 1; i < points.length; i++)
    area += ((points[i][0] - points[i - 1][0]) * (points[i][1] + points[i - 1][1])) / 2;
  return area;
}

/** Area under the steps of the precision-recall curve. */
function areaBySteps(bags: readonly BinaryPrediction[]): number | null {
  const points = precisionRecallCurve(scoreTable(bags));
  if (points.length === 0) return null;
  return points.reduce(
    (sum, [recall, precision], i) => sum + (recall - (points[i - 1]?.[0] ?? 0)) * precision,
    0,
  );
}

/** Precision at each positive bag's own score, averaged over the positive bags. */
function precisionAveraged(bags: readonly BinaryPrediction[]): number | null {
  const positives = bags.filter((bag) => bag.label === 1);
  if (positives.length === 0) return null;
  const precisions = positives.map(({ probability }) => {
    const called = bags.filter((bag) => bag.probability >= probability);
    return called.filter((bag) => bag.label === 1).length / called.length;
  });
  return precisions.reduce((sum, at) => sum + at, 0) / positives.length;
}

/** Share agreed and share agreed by chance, from the list of (truth, called) pairs. */
function kappaByShares(pairs: readonly (readonly [number, number])[], classes: number): number | null {
  const share = (test: (pair: readonly [number, number]) => boolean) =>
    pairs.filter(test).length / pairs.length;
  const agreed = share(([truth, called]) => truth === called);
  let chance = 0;
  for (let k = 0; k < classes; k++)
    chance += share(([truth]) => truth === k) * share(([, called]) => called === k);
  return pairs.length === 0 || chance > 1 - 1e-12 ? null : (agreed - chance) / (1 - chance);
}

/** Mean squared distance of all pairs, over that of every truth with every call. */
function quadraticKappaByPairs(pairs: readonly (readonly [number, number])[]): number | null {
  const observed = pairs.map(([truth, called]) => (truth - called) ** 2);
  const chance = pairs.flatMap(([truth]) => pairs.map(([, called]) => (truth - called) ** 2));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return pairs.length === 0 || mean(chance) === 0 ? null : 1 - mean(observed) / mean(chance);
}

describe('metrics beside their twins', () => {
  it('AUC: share of pairs ranked rightly, and the trapezoid rule', () => {
    fc.assert(
      fc.property(predictions, (bags) => {
        const { auc } = evaluateBinary(bags, null, 0.5);
        close(auc, aucByPairs(bags));
        close(auc, aucByTrapezoids(bags));
      }),
    );
  });

  it('AUC: turned over with the labels, untouched by a monotone map, the same bits in any order', () => {
    fc.assert(
      fc.property(predictions, fc.infiniteStream(fc.nat()), (bags, keys) => {
        const { auc } = evaluateBinary(bags, null, 0.5);
        const turned = bags.map((bag) => ({ ...bag, label: 1 - bag.label }));
        close(evaluateBinary(turned, null, 0.5).auc, auc === null || auc === undefined ? null : 1 - auc);
        const halved = bags.map((bag) => ({ ...bag, probability: bag.probability / 2 }));
        const exact = bags.every(({ probability }) => probability === 0 || probability > 1e-300);
        if (exact) assert.equal(evaluateBinary(halved, null, 0.5).auc, auc);
        const shuffled = bags.map((bag) => ({ bag, key: keys.next().value })).sort((a, b) => a.key - b.key);
        const again = evaluateBinary(
          shuffled.map(({ bag }) => bag),
          null,
          0.5,
        );
        assert.equal(again.auc, auc);
        assert.equal(again.auprc, evaluateBinary(bags, null, 0.5).auprc);
      }),
    );
  });

  it('AUPRC: precision at each positive bag, averaged, and the area under the steps of the curve', () => {
    fc.assert(
      fc.property(predictions, (bags) => {
        const { auprc } = evaluateBinary(bags, null, 0.5);
        close(auprc, precisionAveraged(bags));
        close(auprc, areaBySteps(bags));
      }),
    );
  });

  it('rates: counted by filters', () => {
    fc.assert(
      fc.property(predictions, score, (bags, threshold) => {
        const values = evaluateBinary(bags, null, threshold);
        const count = (label: number, positive: boolean) =>
          bags.filter((bag) => bag.label === label && bag.probability >= threshold === positive).length;
        const [tp, fp, tn, fn] = [count(1, true), count(0, true), count(0, false), count(1, false)];
        const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
        close(values.accuracy, share(tp + tn, bags.length));
        close(values.sensitivity, share(tp, tp + fn));
        close(values.specificity, share(tn, tn + fp));
        close(values.ppv, share(tp, tp + fp));
        close(values.npv, share(tn, tn + fn));
        close(values.f1, tp + fp + fn === 0 ? null : tp === 0 ? 0 : 2 / ((tp + fp) / tp + (tp + fn) / tp));
      }),
    );
  });

  it('kappa: shares agreed beyond chance; for two classes quadratic is the same', () => {
    fc.assert(
      fc.property(predictions, (bags) => {
        const { kappa, quadraticKappa } = evaluateBinary(bags, null, 0.5);
        close(
          kappa,
          kappaByShares(
            bags.map((bag) => [bag.label, Number(bag.probability >= 0.5)] as const),
            2,
          ),
        );
        close(quadraticKappa, kappa ?? null);
      }),
    );
  });

  it('several classes: kappa by shares and by pairs, accuracy, recall by filters', () => {
    const row = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 4 });
    const bag = fc.record({ label: fc.integer({ min: 0, max: 3 }), parts: row });
    fc.assert(
      fc.property(fc.array(bag, { maxLength: 25 }), (drawn) => {
        const bags = drawn.map(({ label, parts }) => {
          const sum = parts.reduce((total, part) => total + part, 0);
          return { label, probabilities: parts.map((part) => part / sum) };
        });
        const { values, classes } = evaluateMulticlass(bags, null, 4);
        const pairs = drawn.map(({ label, parts }) => [label, parts.indexOf(Math.max(...parts))] as const);
        close(values.kappa, kappaByShares(pairs, 4));
        close(values.quadraticKappa, quadraticKappaByPairs(pairs));
        const right = pairs.filter(([truth, called]) => truth === called).length;
        close(values.accuracy, pairs.length === 0 ? null : right / pairs.length);
        classes.forEach((one, k) => {
          const mine = pairs.filter(([truth]) => truth === k);
          assert.equal(one.support, mine.length);
          close(
            one.sensitivity,
            mine.length === 0 ? null : mine.filter(([, called]) => called === k).length / mine.length,
          );
          close(
            one.auc,
            aucByPairs(
              bags.map(({ label, probabilities }) => ({
                label: Number(label === k),
                probability: probabilities[k],
              })),
            ),
          );
        });
      }),
    );
  });

  it('two classes as several: what does not single out a class is equal', () => {
    const name = ['auc', 'accuracy', 'balancedAccuracy', 'kappa', 'logLoss', 'brier'] as const;
    const bag = fc.record({
      label: fc.integer({ min: 0, max: 1 }),
      probability: fc.integer({ min: 0, max: 64 }).map((n) => n / 64),
    });
    fc.assert(
      fc.property(fc.array(bag, { maxLength: 30 }), (drawn) => {
        const bags = drawn.filter(({ probability }) => probability !== 0.5); // a tie is called 1 there, 0 here
        const two = evaluateBinary(bags, null, 0.5);
        const rows = bags.map(({ label, probability }) => ({
          label,
          probabilities: [1 - probability, probability],
        }));
        const several = evaluateMulticlass(rows, null, 2).values;
        for (const metric of name) close(several[metric], two[metric] ?? null);
      }),
    );
  });

  it('no value is ever NaN or infinite', () => {
    fc.assert(
      fc.property(predictions, score, (bags, threshold) => {
        for (const value of Object.values(evaluateBinary(bags, null, threshold)))
          assert.ok(value === null || Number.isFinite(value));
      }),
    );
  });
});
