import assert from 'node:assert/strict';
import { Seldom } from '@bagfleet/proto/grpc/seldom';

describe('what is said seldom', () => {
  it('is said once in ten seconds', () => {
    const seldom = new Seldom();
    const said = [0, 1, 9_999, 10_000, 10_001, 20_000].filter((now) => seldom.allows('a', now));
    assert.deepEqual(said, [0, 10_000, 20_000]);
  });

  it('does not hold back something else', () => {
    const seldom = new Seldom();
    assert.ok(seldom.allows('a', 0));
    assert.ok(seldom.allows('b', 1));
  });

  it('is bounded for things that never come again, which count as one', () => {
    const seldom = new Seldom();
    const said = Array.from({ length: 1000 }, (_, index) => seldom.allows(`port ${index}`, index));
    assert.equal(said.filter(Boolean).length, 21);
    assert.ok(!seldom.allows('port 3', 1000));
    assert.ok(seldom.allows('port 3', 20_000));
  });
});
