import assert from 'node:assert/strict';
import { editDistance, nearestWord } from '@bagfleet/proto';
import fc from 'fast-check';

/** The definition, without a table: slow, and obviously right. */
function plainDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    plainDistance(a.slice(1), b) + 1,
    plainDistance(a, b.slice(1)) + 1,
    plainDistance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
    swapped ? plainDistance(a.slice(2), b.slice(2)) + 1 : Number.POSITIVE_INFINITY,
  );
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

describe('the nearest word', () => {
  it('counts edits as the plain definition does', () => {
    fc.assert(fc.property(word, word, (a, b) => assert.equal(editDistance(a, b), plainDistance(a, b))));
  });

  it('is offered for a slip of the finger only', () => {
    const commands = ['list', 'logs', 'cancel', 'checkpoints'];
    assert.equal(nearestWord('lsit', commands), 'list');
    assert.equal(nearestWord('CANCEL', commands), 'cancel');
    assert.equal(nearestWord('chekpoint', commands), 'checkpoints');
    assert.equal(nearestWord('submit', commands), undefined);
    assert.equal(nearestWord('x', []), undefined);
  });
});
