/** The rules of the lease: who may take it when, who may act when. */
import assert from 'node:assert/strict';
import { claim, mayAct, renewEveryMs } from '@bagfleet/orchestrator/coordinator/lease/lease-rules';
import fc from 'fast-check';

const TERM = 10_000;
const ME = { holder: 'me', deadHolder: null, termMs: TERM };

function found(changes: { holder?: string; address?: string | null; etag?: string } = {}) {
  const { holder = 'other', address = 'host:1', etag = 'v1' } = changes;
  return { record: { schemaVersion: 1, token: 4, holder, address, renewedAt: '' }, etag };
}

describe('the rules of the lease', () => {
  it('begins with token 1', () => {
    assert.deepEqual(claim(null, null, ME, 0), { kind: 'take', token: 1, over: null, letGo: true });
  });

  it('takes what was let go, or what a dead one held, at once', () => {
    const take = { kind: 'take', token: 5, over: 'v1' };
    assert.deepEqual(claim(found({ address: null }), null, ME, 0), { ...take, letGo: true });
    assert.deepEqual(claim(found(), null, { ...ME, deadHolder: 'other' }, 0), { ...take, letGo: false });
  });

  it('knows its own record again', () => {
    assert.equal(claim(found({ holder: 'me' }), null, ME, 0).kind, 'own');
  });

  it('waits for one etag over a whole term, and counts anew when it changes', () => {
    const first = claim(found(), null, ME, 100);
    assert.deepEqual(first, { kind: 'wait', sighting: { etag: 'v1', since: 100 } });
    const seen = { etag: 'v1', since: 100 };
    assert.equal(claim(found(), seen, ME, 100 + TERM - 1).kind, 'wait');
    assert.equal(claim(found(), seen, ME, 100 + TERM).kind, 'take');
    assert.deepEqual(claim(found({ etag: 'v2' }), seen, ME, 100 + TERM), {
      kind: 'wait',
      sighting: { etag: 'v2', since: 100 + TERM },
    });
  });

  it('never lets two act: a challenger may take it only when its holder no longer may', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (termMs, transit, later) => {
          // One clock for both here: sent at 0, seen by the challenger after the transit, looked at again later.
          const seen = { etag: 'v1', since: transit };
          const now = transit + later;
          const takes = claim(found(), seen, { ...ME, termMs }, now).kind === 'take';
          assert.ok(!(takes && mayAct(0, now, termMs)));
        },
      ),
    );
  });

  it('renews often enough that one renewal may fail', () => {
    assert.ok(mayAct(0, 2 * renewEveryMs(TERM), TERM));
  });
});
