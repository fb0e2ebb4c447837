/** Metrics over instances, beside their definitions taken literally over random bags. */
import assert from 'node:assert/strict';
import { evaluateInstances, type JudgedBag } from '@bagfleet/worker/metrics/evaluate-instances';
import fc from 'fast-check';

const bag = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: -8, max: 8 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map(
    (instances): JudgedBag => ({
      labels: Uint8Array.from(instances, ([label]) => label),
      scores: Float32Array.from(instances, ([, score]) => score / 4),
      threshold: 0,
    }),
  );

describe('evaluateInstances', () => {
  it('gives AUROC, F1 and Dice as they are defined', () => {
    fc.assert(
      fc.property(fc.array(bag, { minLength: 1, maxLength: 5 }), (bags) => {
        const ours = evaluateInstances(bags);
        const all = bags.flatMap(({ labels, scores }) =>
          [...labels].map((label, i) => ({ label, score: scores[i] })),
        );
        near(ours?.auc, pairsRight(all));
        near(ours?.f1, all.some(({ label }) => label === 1) ? overlap(all) : null);
        const marked = bags.filter(({ labels }) => labels.includes(1));
        const dices = marked.map(({ labels, scores }) =>
          overlap([...labels].map((label, i) => ({ label, score: scores[i] }))),
        );
        near(ours?.dice, dices.length === 0 ? null : dices.reduce((a, b) => a + b, 0) / dices.length);
        assert.equal(ours?.instances, all.length);
      }),
    );
  });

  it('is nothing without bags, and has no average precision without positives', () => {
    assert.equal(evaluateInstances([]), null);
    const nothing = evaluateInstances([
      { labels: Uint8Array.of(0, 0), scores: Float32Array.of(1, 2), threshold: 0 },
    ]);
    assert.deepEqual(nothing, {
      bags: 1,
      instances: 2,
      positives: 0,
      auc: null,
      auprc: null,
      f1: null,
      dice: null,
    });
  });
});

interface Judged {
  readonly label: number;
  readonly score: number;
}

function pairsRight(all: readonly Judged[]): number | null {
  const positives = all.filter(({ label }) => label === 1);
  const negatives = all.filter(({ label }) => label === 0);
  if (positives.length === 0 || negatives.length === 0) return null;
  const points = positives.flatMap((p) =>
    negatives.map((n) => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0)),
  );
  return points.reduce<number>((a, b) => a + b, 0) / points.length;
}

function overlap(all: readonly Judged[]): number {
  const both = all.filter(({ label, score }) => label === 1 && score > 0).length;
  const wrong = all.filter(({ label, score }) => (label === 1) !== score > 0).length;
  return (2 * both) / (2 * both + wrong);
}

function near(ours: number | null | undefined, theirs: number | null): void {
  if (theirs === null) assert.equal(ours, null);
  else assert.ok(Math.abs((ours ?? Number.NaN) - theirs) < 1e-12, `${ours} against ${theirs}`);
}
