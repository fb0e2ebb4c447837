import assert from 'node:assert/strict';
import { type AuditedRun, auditLedger } from '@bagfleet/orchestrator/audit/audit-ledger';
import type { AuditResult } from '@bagfleet/orchestrator/audit/audit-result';
import type { LedgerRow } from '@bagfleet/proto';
import fc from 'fast-check';
import { anyShape, jobWith, madeUpRun, manifestWith, rowOf } from './made-up-ledger.js';

/** Four bags in two steps of two. */
function smallRun(rows: readonly LedgerRow[], changes: Partial<AuditedRun> = {}): AuditedRun {
  return {
    job: jobWith({ batch: 2, epochs: 3 }),
    manifest: manifestWith(4),
    rows,
    progress: null,
    ...changes,
  };
}

const GOOD = [rowOf(1, 1, 1, ['b0', 'b3']), rowOf(1, 2, 1, ['b2', 'b1'])];
const reached = (epoch: number, stepInEpoch = 0, skipped: string[] = []) => ({ epoch, stepInEpoch, skipped });
const messages = ({ problems }: AuditResult) => problems.map(({ message }) => message);

describe('the audit of a ledger', () => {
  it('finds nothing in a run that went well, whatever its fleet did', () => {
    fc.assert(
      fc.property(anyShape, (shape) => {
        const run = madeUpRun(shape);
        const result = auditLedger(run);
        assert.deepEqual(messages(result), []);
        assert.equal(result.ok, true);
        assert.equal(result.epochs, shape.epochs);
        assert.equal(result.bags, shape.bags);
        assert.equal(result.unfinished?.steps ?? 0, shape.more);
        assert.deepEqual(
          result.skipped.map(({ bag }) => bag).sort(),
          [...(run.progress?.skipped ?? [])].sort(),
        );
        assert.equal(result.redone, new Set(run.rows.map((row) => JSON.stringify(row))).size - result.steps);
      }),
    );
  });

  it('counts what it saw', () => {
    const again = { ...GOOD[1], generation: { lease: 2, number: 1 }, workers: ['w1', 'w3'] };
    const result = auditLedger(
      smallRun([...GOOD, again, rowOf(2, 1, 5, ['b1', 'b0'])], { progress: reached(1) }),
    );
    assert.deepEqual(result, {
      ok: true,
      epochs: 1,
      unfinished: { epoch: 2, steps: 1, counted: 2 },
      steps: 3,
      bags: 4,
      counted: 6,
      skipped: [],
      redone: 1,
      generations: 3,
      workers: ['w0', 'w1', 'w3'],
      problems: [],
    });
  });

  it('says nothing against a run that has not begun', () => {
    const result = auditLedger(smallRun([]));
    assert.deepEqual([result.ok, result.epochs, result.unfinished], [true, 0, null]);
  });

  const cases: [string, AuditedRun, string, string][] = [
    [
      'a bag that is missing',
      smallRun([rowOf(1, 1, 1, ['b0', 'b3']), rowOf(1, 2, 1, ['b2'])], { progress: reached(1) }),
      'bag-missing',
      'bag b1 did not count in epoch 1',
    ],
    [
      'a bag that counted twice, in which steps and by whom',
      smallRun([GOOD[0], rowOf(1, 2, 1, ['b2', 'b0'])]),
      'bag-twice',
      'bag b0 counted twice in epoch 1: in step 1 by w0, in step 2 by w1',
    ],
    [
      'a bag that counted three times',
      smallRun([rowOf(1, 1, 1, ['b0', 'b0']), rowOf(1, 2, 1, ['b0'])]),
      'bag-twice',
      'bag b0 counted 3 times in epoch 1: in step 1 by w0, in step 1 by w1, in step 2 by w0',
    ],
    [
      'a bag of another split',
      smallRun([rowOf(1, 1, 1, ['b0', 'v0'])]),
      'bag-foreign',
      'bag v0 counted in step 1 of epoch 1, but it is no training bag',
    ],
    [
      'a bag that was left out before',
      smallRun([rowOf(1, 1, 1, ['b0'], ['b3']), GOOD[1], rowOf(2, 1, 1, ['b3', 'b1'])], {
        job: jobWith({ batch: 2, poisonedBags: 'skip' }),
      }),
      'bag-after-skip',
      'bag b3 counted in step 1 of epoch 2, but it is left out since step 1 of epoch 1',
    ],
    [
      'a bag that was left out and counted in one step',
      smallRun([rowOf(1, 1, 1, ['b0', 'b3'], ['b3'])], { job: jobWith({ batch: 2, poisonedBags: 'skip' }) }),
      'bag-counted-and-skipped',
      'step 1 of epoch 1 left out bag b3, but it counted in step 1 by w1',
    ],
    [
      'a bag left out in a job that allows none to be',
      smallRun([rowOf(1, 1, 1, ['b0'], ['b3'])]),
      'skip-not-allowed',
      'bag b3 was left out in step 1 of epoch 1, but train.poisonedBags is fail',
    ],
    [
      'a bag that only the checkpoint leaves out',
      smallRun(GOOD, { progress: reached(1, 0, ['b2']) }),
      'skip-not-recorded',
      'bag b2 is left out by the checkpoint after epoch 1, but no step says so',
    ],
    [
      'a step between others',
      smallRun([rowOf(1, 2, 1, ['b2', 'b1'])]),
      'step-missing',
      'step 1 of epoch 1 has no row',
    ],
    [
      'a step that a checkpoint has applied',
      smallRun([...GOOD, rowOf(2, 1, 1, ['b0', 'b1'])], { progress: reached(1, 2) }),
      'step-missing',
      'step 2 of epoch 2 has no row',
    ],
    ['an epoch', smallRun(GOOD, { progress: reached(2) }), 'epoch-missing', 'epoch 2 has no rows at all'],
    [
      'a step that one generation applied in two ways',
      smallRun([...GOOD, { ...GOOD[1], counted: [...GOOD[1].counted].reverse() }]),
      'step-doubled',
      'step 2 of epoch 1 is told in two ways by generation 1.1',
    ],
    [
      'a step that there is not',
      smallRun([...GOOD, rowOf(1, 3, 1, [])]),
      'step-outside',
      'there is a row of step 3 of epoch 1, but the job has 3 epochs of 2 steps',
    ],
    [
      'an epoch that there is not',
      smallRun([...GOOD, rowOf(1_000_000_000, 1, 1, [])]),
      'step-outside',
      'there is a row of step 1 of epoch 1000000000, but the job has 3 epochs of 2 steps',
    ],
    [
      'a wrong weight',
      smallRun([{ ...GOOD[0], weight: 4 }]),
      'weight-wrong',
      'step 1 of epoch 1 was averaged by a weight of 4, but 2 bags counted',
    ],
    [
      'a rank that the generation does not have',
      smallRun([
        {
          ...GOOD[0],
          counted: [
            [0, 'b0', 0],
            [1, 'b3', 2],
          ],
        },
      ]),
      'rank-outside',
      'bag b3 in step 1 of epoch 1 was computed by rank 2, but there were 2 workers',
    ],
    [
      'a generation whose workers change',
      smallRun([GOOD[0], { ...GOOD[1], workers: ['w0', 'w4'] }]),
      'generation-changed',
      'step 2 of epoch 1 has the workers w0, w4 in generation 1.1, which had w0, w1',
    ],
  ];
  for (const [what, run, code, message] of cases)
    it(`names ${what}`, () => {
      const result = auditLedger(run);
      assert.deepEqual(messages(result), [message]);
      assert.equal(result.problems[0].code, code);
      assert.equal(result.ok, false);
    });

  it('takes the newest generation of a step, in whatever order the rows stand', () => {
    const stale = { ...rowOf(1, 2, 2, ['b0', 'b0']), generation: { lease: 1, number: 9 } };
    const holds = { ...rowOf(1, 2, 1, ['b2', 'b1']), generation: { lease: 2, number: 1 } };
    for (const rows of [
      [GOOD[0], stale, holds],
      [GOOD[0], holds, stale],
    ]) {
      const { ok, redone } = auditLedger(smallRun(rows, { progress: reached(1) }));
      assert.deepEqual([ok, redone], [true, 1]);
    }
  });

  it('takes the training bags of the fold', () => {
    const { bags, ...rest } = manifestWith(4);
    const folded = { ...rest, bags: bags.map((bag, i) => ({ ...bag, fold: i % 2 })) };
    const job = jobWith({ batch: 2 });
    const result = auditLedger({
      job: { ...job, data: { ...job.data, fold: 1 } },
      manifest: folded,
      rows: [rowOf(1, 1, 1, ['b1', 'b0'])],
      progress: null,
    });
    assert.equal(result.bags, 2, 'b1 and b3');
    assert.deepEqual(messages(result), ['bag b0 counted in step 1 of epoch 1, but it is no training bag']);
  });
});
