import assert from 'node:assert/strict';
import { inColumns } from '@bagfleet/orchestrator/cli/columns';

const rows = [
  { run: 'mnist-1', state: 'running', note: '' },
  { run: 'breast-12', state: 'done', note: 'a long note' },
];
const columns = [
  { title: 'RUN', value: (row: (typeof rows)[number]) => row.run },
  { title: 'STATE', value: (row: (typeof rows)[number]) => row.state, align: 'right' as const },
  { title: 'NOTE', value: (row: (typeof rows)[number]) => row.note },
];

describe('columns', () => {
  it('are aligned, without a frame and without blanks at the end', () => {
    assert.equal(
      inColumns(rows, columns, 80),
      ['RUN          STATE  NOTE', 'mnist-1    running', 'breast-12     done  a long note'].join('\n'),
    );
  });

  it('leave out the last ones where they do not fit, never the first', () => {
    assert.equal(
      inColumns(rows, columns, 30),
      ['RUN          STATE', 'mnist-1    running', 'breast-12     done'].join('\n'),
    );
    assert.equal(inColumns(rows, columns, 10), ['RUN', 'mnist-1', 'breast-12'].join('\n'));
    assert.equal(inColumns(rows, columns, 3), ['RUN', 'mnist-1', 'breast-12'].join('\n'));
  });
});
