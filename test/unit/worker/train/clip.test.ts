/** The global norm and clipping beside torch.nn.utils.clip_grad_norm_, and the norm beside its simple twin. */
import assert from 'node:assert/strict';
import { clipFactor, globalNorm } from '@bagfleet/worker/train/clip';
import { scaleGradient } from '@bagfleet/worker/train/gradient-scale';
import fc from 'fast-check';
import { difference, readFacts } from '../../../support/reference-fixture.js';

interface Row {
  readonly limit: number;
  readonly gradient: number[];
  readonly norm: number;
  readonly clipped: number[];
}

describe('clipping', () => {
  it("gives PyTorch's norm and clipped gradient", () => {
    for (const { limit, gradient, norm, clipped } of readFacts<Row[]>('clipping')) {
      const ours = Float32Array.from(gradient);
      const ourNorm = globalNorm(ours);
      assert.ok(Math.abs(ourNorm - norm) <= 1e-7 * norm);
      scaleGradient(ours, clipFactor(ourNorm, limit));
      const { largest, scale } = difference(ours, clipped);
      assert.ok(largest <= 2e-7 * scale, `norm ${norm}: off by ${largest} of ${scale}`);
    }
  });

  it('leaves no clipped gradient longer than the limit, and a short one as it is, bit for bit', () => {
    const gradients = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(gradients, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, limit) => {
        const gradient = Float32Array.from(values);
        const before = gradient.slice();
        const norm = globalNorm(gradient);
        assert.ok(Math.abs(norm - Math.hypot(...before)) <= 1e-12 * norm);
        scaleGradient(gradient, clipFactor(norm, limit));
        if (norm + 1e-6 <= limit) assert.deepEqual(gradient, before);
        else assert.ok(globalNorm(gradient) <= limit * (1 + 1e-6));
      }),
    );
  });
});
