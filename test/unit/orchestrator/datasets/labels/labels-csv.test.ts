import assert from 'node:assert/strict';
import { readLabels } from '@bagfleet/orchestrator/datasets/labels/labels-csv';
import { BagfleetError } from '@bagfleet/proto/errors';

const read = (text: string) => readLabels(text, 'labels.csv');

describe('labels', () => {
  it('reads what CLAM users have: case_id, slide_id, label', () => {
    const { rows, hasSplits } = read(
      'case_id,slide_id,label\npatient_0,slide_1,tumor_tissue\npatient_0,slide_2,normal_tissue\n',
    );
    assert.deepEqual(rows, [
      { id: 'slide_1', label: 'tumor_tissue', patient: 'patient_0', line: 2 },
      { id: 'slide_2', label: 'normal_tissue', patient: 'patient_0', line: 3 },
    ]);
    assert.equal(hasSplits, false);
  });

  it('reads splits and folds, quotes, blanks, empty lines, a byte-order mark, Windows line ends, .npy in ids', () => {
    const { rows, hasSplits } = read(
      '\ufeffID, Label ,Split,fold\r\n"a, b.npy",0,Train,3\r\n\r\nc,1,validation,\r\n',
    );
    assert.deepEqual(rows, [
      { id: 'a, b', label: '0', split: 'train', fold: 3, line: 2 },
      { id: 'c', label: '1', split: 'val', line: 4 },
    ]);
    assert.equal(hasSplits, true);
  });

  it('reads semicolons and tabs', () => {
    assert.deepEqual(read('id;label\na;x\n').rows[0], { id: 'a', label: 'x', line: 2 });
    assert.deepEqual(read('bag_id\tlabel\na\tx, y\n').rows[0], { id: 'a', label: 'x, y', line: 2 });
  });

  const refusals: [text: string, culprit: string, message: RegExp][] = [
    ['', 'labels.csv', /no column id/],
    ['name,label\na,0\n', 'labels.csv', /no column id/],
    ['id,diagnosis\na,0\n', 'labels.csv', /no column label/],
    ['id,label\n', 'labels.csv', /no rows/],
    ['id,label\na,0\nb\n', 'labels.csv', /on line 3/],
    ['id,label\na,"0\n', 'labels.csv', /line 2|quote/i],
    ['id,label\na,0\nb,1\na,1\n', 'labels.csv, line 4', /bag a has a label in line 2 already/],
    ['id,label\n,1\n', 'labels.csv, line 2', /bag id is empty/],
    ['id,label\na,\n', 'labels.csv, line 2', /bag a has an empty label/],
    ['id,label,split\na,0,dev\n', 'labels.csv, line 2', /"dev" is no split/],
    ['id,label,fold\na,0,1.5\n', 'labels.csv, line 2', /"1.5" is no fold/],
  ];
  for (const [text, culprit, message] of refusals)
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => read(text),
        (error: BagfleetError) => {
          assert.ok(error instanceof BagfleetError, String(error));
          assert.equal(error.code, 'manifest-invalid');
          assert.equal(error.culprit, culprit);
          assert.match(error.message, message);
          return Boolean(error.hint);
        },
      );
    });
});
