/** Logits become probabilities without overflow. */
import assert from 'node:assert/strict';
import { sigmoid, softmax } from '@bagfleet/worker/metrics/probability';
import fc from 'fast-check';

describe('probabilities from logits', () => {
  it('sigmoid: extremes and symmetry', () => {
    assert.equal(sigmoid(0), 0.5);
    assert.equal(sigmoid(1e308), 1);
    assert.equal(sigmoid(-1e308), 0);
    assert.ok(sigmoid(-700) > 0);
    fc.assert(
      fc.property(fc.double({ min: -500, max: 500, noNaN: true }), (logit) => {
        assert.ok(Math.abs(sigmoid(logit) + sigmoid(-logit) - 1) <= 1e-15);
        assert.ok(Math.abs(sigmoid(logit) - softmax([0, logit])[1]) <= 1e-15);
      }),
    );
  });

  it('softmax: sums to 1, is not moved by a common shift, survives any finite logit', () => {
    assert.deepEqual([...softmax([1e308, -1e308])], [1, 0]);
    const logits = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(logits, fc.integer({ min: -1000, max: 1000 }), (values, shift) => {
        const plain = softmax(values);
        const naive = values.map((logit) => Math.exp(logit));
        const sum = naive.reduce((total, part) => total + part, 0);
        const shifted = softmax(values.map((logit) => logit + shift));
        plain.forEach((at, k) => {
          assert.ok(Math.abs(at - naive[k] / sum) <= 1e-12);
          assert.ok(Math.abs(at - shifted[k]) <= 1e-9);
        });
      }),
    );
  });
});
