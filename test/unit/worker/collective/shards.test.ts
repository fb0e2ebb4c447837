import assert from 'node:assert/strict';
import { Shards } from '@bagfleet/worker/collective/shards';
import fc from 'fast-check';

/** Which shard and segment each entry belongs to, by walking over the entries. */
function owners(shards: Shards): string[] {
  const owner: string[] = [];
  for (let rank = 0; rank < shards.members; rank++)
    for (let index = 0; index < shards.segments(rank); index++) {
      const { start, end } = shards.segment(rank, index);
      for (let i = start; i < end; i++) owner[i] = owner[i] === undefined ? `${rank}/${index}` : 'twice';
    }
  return owner;
}

describe('shards', () => {
  const sizes = fc.record({
    length: fc.integer({ min: 0, max: 3000 }),
    members: fc.integer({ min: 1, max: 9 }),
    segment: fc.integer({ min: 1, max: 200 }),
  });

  it('hold each entry once, in order, in segments of the given size', () => {
    fc.assert(
      fc.property(sizes, ({ length, members, segment }) => {
        const shards = new Shards(length, members, segment);
        const owner = owners(shards);
        assert.equal(owner.length, length);
        // The twin finds the shard by walking over the boundaries.
        for (let i = 0; i < length; i++) {
          let rank = 0;
          while (Math.floor(((rank + 1) * length) / members) <= i) rank++;
          const index = Math.floor((i - Math.floor((rank * length) / members)) / segment);
          assert.equal(owner[i], `${rank}/${index}`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('differ by one entry at most', () => {
    fc.assert(
      fc.property(sizes, ({ length, members, segment }) => {
        const shards = new Shards(length, members, segment);
        const counts = Array.from(
          { length: members },
          (_, rank) => shards.shard(rank).end - shards.shard(rank).start,
        );
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
      }),
    );
  });

  it('may be empty, and have no segments then', () => {
    const shards = new Shards(2, 5);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((rank) => shards.segments(rank)),
      [0, 0, 1, 0, 1],
    );
  });

  it('stay exact for buffers of billions of entries', () => {
    const shards = new Shards(4_000_000_001, 1000);
    assert.equal(shards.shard(0).start, 0);
    assert.equal(shards.shard(999).end, 4_000_000_001);
    for (let rank = 1; rank < 1000; rank++)
      assert.equal(shards.shard(rank).start, shards.shard(rank - 1).end);
  });
});
