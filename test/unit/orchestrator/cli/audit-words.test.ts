import assert from 'node:assert/strict';
import type { AuditProblem, AuditResult } from '@bagfleet/orchestrator/audit/audit-result';
import { auditWords, ledgerWrong } from '@bagfleet/orchestrator/cli/audit-words';

const RESULT: AuditResult = {
  ok: true,
  epochs: 30,
  unfinished: null,
  steps: 210,
  bags: 43,
  counted: 1290,
  skipped: [],
  redone: 4,
  generations: 7,
  workers: ['w0', 'w1', 'w2'],
  problems: [],
};

const problem = (bag: string): AuditProblem => ({
  code: 'bag-missing',
  epoch: 2,
  bag,
  message: `bag ${bag} did not count in epoch 2`,
});

describe('the words of an audit', () => {
  it('say in one sentence that all is well', () => {
    assert.deepEqual(auditWords(RESULT), [
      'every one of the 43 training bags counted exactly once in each of 30 epochs (210 steps, 4 done again, 7 generations, 3 workers)',
    ]);
    assert.deepEqual(
      auditWords({ ...RESULT, epochs: 1, steps: 7, redone: 0, generations: 1, workers: ['w0'] }),
      ['every one of the 43 training bags counted exactly once in epoch 1 (7 steps, 1 generation, 1 worker)'],
    );
  });

  it('say how far an unfinished epoch goes, and what was left out', () => {
    const unfinished = { epoch: 31, steps: 2, counted: 14 };
    const skipped = [{ bag: 'b7', epoch: 2, step: 3 }];
    assert.deepEqual(auditWords({ ...RESULT, unfinished, skipped }).slice(1), [
      'but for bag b7, which is poisoned: left out from step 3 of epoch 2 on',
      'epoch 31 is not complete: 2 steps with 14 bags, none twice',
    ]);
    assert.deepEqual(
      auditWords({ ...RESULT, epochs: 0, steps: 2, unfinished: { ...unfinished, epoch: 1 } }),
      [
        'epoch 1 is not complete: 2 steps with 14 bags, none twice (2 steps, 4 done again, 7 generations, 3 workers)',
      ],
    );
    assert.deepEqual(auditWords({ ...RESULT, epochs: 0, steps: 0 }), ['no step is recorded yet']);
  });

  it('are an error with every finding by name, the first twenty of many', () => {
    const one = ledgerWrong('mnist-1', { ...RESULT, problems: [problem('b7')] });
    assert.equal(one.exitCode, 1);
    assert.match(
      one.describe(),
      /^run mnist-1: its ledger does not hold, with 1 finding:\n {2}- bag b7 did not count in epoch 2\n {2}Do not use/,
    );
    const many = Array.from({ length: 25 }, (_, i) => problem(`b${i}`));
    const text = ledgerWrong('mnist-1', { ...RESULT, problems: many }).describe();
    assert.match(text, /with 25 findings:\n.*b0 [\s\S]*b19 .*\n {2}- and 5 more\n/);
    assert.doesNotMatch(text, /b20/);
  });
});
