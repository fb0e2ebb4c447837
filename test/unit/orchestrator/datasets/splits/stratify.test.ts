import assert from 'node:assert/strict';
import { type StratifiedBag, stratify } from '@bagfleet/orchestrator/datasets/splits/stratify';
import fc from 'fast-check';

const labels = fc.array(fc.nat(2), { minLength: 1, maxLength: 80 });
const shares = fc
  .array(fc.nat(5), { minLength: 1, maxLength: 10 })
  .filter((weights) => weights.some((weight) => weight > 0))
  .map((weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  });

function bagsOf(classes: readonly number[], patients?: readonly number[]): StratifiedBag[] {
  return classes.map((label, i) => ({
    id: `b${i}`,
    label,
    ...(patients ? { patient: `p${patients[i]}` } : {}),
  }));
}

function countIn(
  bags: readonly StratifiedBag[],
  parts: ReadonlyMap<string, number>,
  part: number,
  label: number,
) {
  return bags.filter((bag) => parts.get(bag.id) === part && bag.label === label).length;
}

describe('stratify', () => {
  it('gives each bag one part, and each part its share of each class to within one bag', () => {
    fc.assert(
      fc.property(labels, shares, fc.nat(), (classes, wanted, seed) => {
        const bags = bagsOf(classes);
        const parts = stratify(bags, wanted, seed);
        assert.deepEqual([...parts.keys()].sort(), bags.map((bag) => bag.id).sort());
        for (const [part, share] of wanted.entries())
          for (const label of [0, 1, 2]) {
            const total = classes.filter((other) => other === label).length;
            const off = Math.abs(countIn(bags, parts, part, label) - share * total);
            assert.ok(off < 1 + 1e-9, `part ${part}, class ${label}: off by ${off}`);
            if (share === 0) assert.equal(countIn(bags, parts, part, label), 0);
          }
      }),
    );
  });

  it('never tears a patient apart, whatever the classes of its bags', () => {
    const patients = fc.array(fc.tuple(fc.nat(2), fc.nat(15)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(patients, shares, fc.nat(), (rows, wanted, seed) => {
        const bags = bagsOf(
          rows.map(([label]) => label),
          rows.map(([, patient]) => patient),
        );
        const parts = stratify(bags, wanted, seed);
        const partOf = new Map<string | undefined, number | undefined>();
        for (const bag of bags) {
          if (partOf.has(bag.patient)) assert.equal(partOf.get(bag.patient), parts.get(bag.id));
          partOf.set(bag.patient, parts.get(bag.id));
        }
      }),
    );
  });

  it('does not depend on the order of the bags', () => {
    fc.assert(
      fc.property(labels, shares, fc.nat(), (classes, wanted, seed) => {
        const bags = bagsOf(classes);
        const there = [...stratify(bags, wanted, seed)].sort();
        assert.deepEqual([...stratify([...bags].reverse(), wanted, seed)].sort(), there);
      }),
    );
  });

  it('another seed deals otherwise', () => {
    const bags = bagsOf(Array.from({ length: 40 }, (_, i) => i % 2));
    const [one, two] = [1, 2].map((seed) => [...stratify(bags, [0.5, 0.5], seed)].sort());
    assert.notDeepEqual(one, two);
  });

  it('ten folds of 26 and 32 bags are of five or six bags each', () => {
    const bags = bagsOf(Array.from({ length: 58 }, (_, i) => (i < 26 ? 1 : 0)));
    const parts = stratify(bags, new Array(10).fill(0.1), 1);
    const sizes = Array.from(
      { length: 10 },
      (_, fold) => [...parts.values()].filter((part) => part === fold).length,
    );
    assert.deepEqual([...sizes].sort(), [5, 5, 6, 6, 6, 6, 6, 6, 6, 6]);
  });
});
