/** The table of epochs at several widths. */
import assert from 'node:assert/strict';
import { epochLine } from '@bagfleet/orchestrator/report/epoch-line';
import { finalTable, TERMINAL_TABLE } from '@bagfleet/orchestrator/report/final-table';
import fc from 'fast-check';
import { epochRow } from './example-rows.js';

const rows = [1, 2, 3].map(epochRow);

describe('final table', () => {
  it('wide', () => {
    assert.deepEqual(finalTable(rows, { metric: 'auc', width: Infinity }).split('\n'), [
      'epoch  train loss  val loss     AUC      F1  bags/s  time  best',
      '---------------------------------------------------------------',
      '    1      0.7000    0.6000  0.8500  0.7000    41.3  0:05',
      '    2      0.3500         -       -       -    41.3  0:05',
      '    3      0.2333    0.2000  0.9500  0.7000    41.3  0:05     *',
    ]);
  });

  it('narrow: other metrics go first, then time, bags/s and losses', () => {
    const heads = [62, 54, 48, 40, 30].map(
      (width) => finalTable(rows, { metric: 'auc', width }).split('\n')[0],
    );
    assert.deepEqual(heads, [
      'epoch  train loss  val loss     AUC  bags/s  time  best',
      'epoch  train loss  val loss     AUC  bags/s  best',
      'epoch  train loss  val loss     AUC  best',
      'epoch  train loss     AUC  best',
      'epoch     AUC  best',
    ]);
  });

  it('fits any width that holds epoch, metric and best; plain without escape codes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 19, max: 120 }), (width) => {
        const lines = finalTable(rows, { metric: 'auc', width }).split('\n');
        assert.ok(lines.every((line) => line.length <= width));
        assert.equal(lines.length, rows.length + 2);
        assert.ok(lines.every((line) => /^[\x20-\x7e]*$/.test(line)));
      }),
    );
  });

  it('on a terminal the head is bold and the best epoch has a star', () => {
    const lines = finalTable(rows, { metric: 'loss', width: 80, style: TERMINAL_TABLE }).split('\n');
    assert.equal(lines[0], '\x1b[1mepoch  train loss  val loss     AUC      F1  bags/s  time  best\x1b[22m');
    assert.match(lines[4], /★$/);
    assert.ok(!lines[2].includes('★'));
  });

  it('without rows: the head alone', () => {
    assert.match(finalTable([], { metric: 'auc', width: 80 }), /^epoch .*\n-+$/);
  });
});

describe('epoch line', () => {
  it('says what there is', () => {
    assert.equal(
      epochLine(rows[0], 30, 'auc'),
      'epoch 1/30 done in 0:05  train loss 0.7000  val loss 0.6000  AUC 0.8500  best so far',
    );
    assert.equal(epochLine(rows[1], 30, 'auc'), 'epoch 2/30 done in 0:05  train loss 0.3500');
    assert.equal(
      epochLine(rows[2], 30, 'loss'),
      'epoch 3/30 done in 0:05  train loss 0.2333  val loss 0.2000  best so far',
    );
  });
});
