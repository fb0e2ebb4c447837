/** Rows are held until they are stored; a peer's rows fill what is missing. */
import assert from 'node:assert/strict';
import { compare, EPOCH_ROW, type HeldRow, HeldRows } from '@bagfleet/worker/session/held-rows';
import fc from 'fast-check';

function row(epoch: number, step: number): HeldRow {
  return { epoch, step, metric: `m${epoch}.${step}`, ledger: null };
}

describe('held rows', () => {
  it('are dropped when they are stored, and only then', () => {
    const held = new HeldRows();
    for (const step of [1, 2, 3]) held.add(row(1, step));
    held.add(row(1, EPOCH_ROW));
    held.add(row(2, 1));
    held.markStored({ epoch: 1, step: 3 });
    assert.deepEqual(held.all, [row(1, EPOCH_ROW), row(2, 1)]);
    held.markStored({ epoch: 1, step: 1 }); // late word of an older position
    assert.equal(held.all.length, 2);
    held.markStored({ epoch: 1, step: EPOCH_ROW });
    assert.deepEqual(held.all, [row(2, 1)]);
  });

  it('say when a position is stored; at once if no row up to there is held', async () => {
    const held = new HeldRows();
    await held.whenStored({ epoch: 9, step: 9 });
    held.add(row(1, 1));
    held.add(row(1, 2));
    const order: string[] = [];
    const first = held.whenStored({ epoch: 1, step: 1 }).then(() => order.push('first'));
    const second = held.whenStored({ epoch: 1, step: 2 }).then(() => order.push('second'));
    held.markStored({ epoch: 1, step: 1 });
    await first;
    assert.deepEqual(order, ['first']);
    held.markStored({ epoch: 1, step: 2 });
    await second;
  });

  it('take in a peer’s rows in order, each once', () => {
    const anyRows = fc
      .uniqueArray(fc.tuple(fc.nat(2), fc.nat(5)), { selector: ([epoch, step]) => epoch * 10 + step })
      .map((places) => places.map(([epoch, step]) => row(epoch + 1, step + 1)).sort(compare));
    fc.assert(
      fc.property(anyRows, anyRows, (own, others) => {
        const held = new HeldRows();
        for (const one of own) held.add(one);
        held.take(others);
        const names = new Set([...own, ...others].map(({ epoch, step }) => `${epoch}.${step}`));
        assert.equal(held.all.length, names.size);
        assert.deepEqual(held.all, [...held.all].sort(compare));
      }),
    );
  });

  it('know what came after a position', () => {
    const held = new HeldRows();
    for (const step of [1, 2, 3]) held.add(row(1, step));
    assert.deepEqual(held.after({ epoch: 1, step: 2 }), [row(1, 3)]);
    assert.equal(held.after({ epoch: 0, step: 0 }).length, 3);
  });
});
