/** Whom an error of the collective blames. */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto';
import { endsGenerationOnly, suspectsOf } from '@bagfleet/worker/session/suspects';

const MEMBERS = ['w0', 'w1', 'w10'].map((id) => ({ id, address: 'a' }));

describe('suspects', () => {
  it('are the members that the culprit names', () => {
    const lost = new BagfleetError('worker-lost', 'the stream from it broke: x', {
      culprit: 'worker w1 (rank 1)',
    });
    assert.deepEqual(suspectsOf(lost, MEMBERS, 'w10'), ['w1']);
    const late = new BagfleetError('wait-timeout', 'x', {
      culprit: 'worker w0 (rank 0), worker w10 (rank 2)',
    });
    assert.deepEqual(suspectsOf(late, MEMBERS, 'w10'), ['w0', 'w10']);
  });

  it('are not those that left in good order', () => {
    const left = new BagfleetError(
      'worker-lost',
      'it left generation 3 of coordinator 1: it joined generation 4',
      {
        culprit: 'worker w1 (rank 1)',
      },
    );
    assert.deepEqual(suspectsOf(left, MEMBERS, 'w10'), []);
    assert.deepEqual(
      suspectsOf(new BagfleetError('cancelled', 'x', { culprit: 'worker w1 (rank 1)' }), MEMBERS, 'w10'),
      [],
    );
  });

  it('are oneself, when one’s checkpoint is not committed in time', () => {
    const late = new BagfleetError('wait-timeout', 'was not committed', {
      culprit: 'the checkpoint of step 7',
    });
    assert.deepEqual(suspectsOf(late, MEMBERS, 'w10'), ['w10']);
  });

  it('are sought only where another generation can mend it', () => {
    assert.equal(endsGenerationOnly(new BagfleetError('wait-timeout', 'x')), true);
    for (const code of ['bag-missing', 'plan-mismatch', 'bug', 'loss-not-finite'] as const)
      assert.equal(endsGenerationOnly(new BagfleetError(code, 'x')), false);
  });
});
