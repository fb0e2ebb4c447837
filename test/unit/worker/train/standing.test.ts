/** Who is the most advanced, and who pulls from whom: the same answer on every member. */
import assert from 'node:assert/strict';
import { oddOnes } from '@bagfleet/worker/train/odd-ones';
import { agree, decodeStanding, encodeStanding, type Standing } from '@bagfleet/worker/train/standing';
import fc from 'fast-check';

const anyStanding: fc.Arbitrary<Standing> = fc
  .tuple(fc.nat(3), fc.nat(2), fc.constantFrom('a', 'b'), fc.nat(5), fc.nat(5))
  .map(([step, epoch, digest, fixed, perInstance]) => ({
    step,
    epoch,
    digest,
    costs: { fixed, perInstance },
  }));

describe('the standings of a generation', () => {
  it('make donors of the most advanced, and everyone else pulls from one of them', () => {
    fc.assert(
      fc.property(fc.array(anyStanding, { minLength: 1, maxLength: 7 }), (standings) => {
        const { donors, pullFrom, digest, costs } = agree(standings);
        // The twin: sort by (step, epoch) and look.
        const value = ({ step, epoch }: Standing) => step * 100 + epoch;
        const best = Math.max(...standings.map(value));
        const expected = standings.flatMap((one, rank) => (value(one) === best ? [rank] : []));
        assert.deepEqual(donors, expected);
        for (const [rank, from] of pullFrom.entries())
          if (expected.includes(rank)) assert.equal(from, null);
          else assert.ok(from !== null && expected.includes(from));
        assert.equal(digest, standings[expected[0]].digest);
        assert.deepEqual(costs, standings[expected[0]].costs);
      }),
    );
  });

  it('spread those that lag over the donors', () => {
    const ahead = { step: 5, epoch: 1, digest: 'd', costs: { fixed: 1, perInstance: 1 } };
    const behind = { ...ahead, step: 4 };
    assert.deepEqual(agree([ahead, behind, ahead, behind, behind]).pullFrom, [null, 0, null, 2, 0]);
  });

  it('count an epoch that is closed as further than its last step', () => {
    const open = { step: 5, epoch: 0, digest: 'open', costs: { fixed: 1, perInstance: 1 } };
    assert.deepEqual(agree([open, { ...open, epoch: 1, digest: 'closed' }]).pullFrom, [1, null]);
  });

  it('travel as bytes', () => {
    fc.assert(
      fc.property(anyStanding, (standing) =>
        assert.deepEqual(decodeStanding(encodeStanding(standing)), standing),
      ),
    );
  });
});

describe('odd ones', () => {
  it('are those without the majority, and all where there is none', () => {
    assert.deepEqual(oddOnes(['a', 'a', 'a']), { places: [], certain: true });
    assert.deepEqual(oddOnes(['a']), { places: [], certain: true });
    assert.deepEqual(oddOnes(['a', 'b', 'a']), { places: [1], certain: true });
    assert.deepEqual(oddOnes(['a', 'b']), { places: [0, 1], certain: false });
    assert.deepEqual(oddOnes(['a', 'a', 'b', 'b']), { places: [0, 1, 2, 3], certain: false });
    assert.deepEqual(oddOnes(['a', 'b', 'b', 'b', 'c']), { places: [0, 4], certain: true });
  });
});
