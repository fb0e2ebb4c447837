/** Products of matrices beside a plain twin, transposed in every way: they run by another kernel than TensorFlow.js's own. */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { CounterRng } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

const size = fc.integer({ min: 1, max: 9 });

describe('matMul', () => {
  it('gives the sums of products, whichever side is transposed', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (n, inner, width, left, right) => {
        const a = numbers('a', n * inner);
        const b = numbers('b', inner * width);
        const result = tf.tidy(() => [
          ...tf
            .matMul(
              tf.tensor2d(a, left ? [inner, n] : [n, inner]),
              tf.tensor2d(b, right ? [width, inner] : [inner, width]),
              left,
              right,
            )
            .dataSync(),
        ]);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < width; j++) {
            let sum = 0;
            for (let k = 0; k < inner; k++)
              sum += a[left ? k * n + i : i * inner + k] * b[right ? j * inner + k : k * width + j];
            assert.ok(Math.abs(result[i * width + j] - sum) < 1e-5);
          }
      }),
    );
  });
});

function numbers(what: string, count: number): Float32Array {
  return Float32Array.from(new CounterRng(1, [what, count]).normal(count));
}
