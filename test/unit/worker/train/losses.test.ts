/** The loss of a bag and its gradient, beside PyTorch's in float64, with logits from -60 to 90. */
import '../../../support/tensor-backend.js';
import assert from 'node:assert/strict';
import { bagLoss } from '@bagfleet/worker/train/losses';
import * as tf from '@tensorflow/tfjs-core';
import { difference, readFacts } from '../../../support/reference-fixture.js';

interface Row {
  readonly logits: number[];
  readonly label: number;
  readonly posWeight: number;
  readonly loss: number;
  readonly gradient: number[];
}

describe('bagLoss', () => {
  for (const [what, outputs] of [
    ['binary cross-entropy with posWeight', 1],
    ['cross-entropy', 3],
  ] as const) {
    it(`gives PyTorch's ${what} and its gradient`, () => {
      const rows = readFacts<Row[]>('losses').filter((row) => row.logits.length === outputs);
      assert.ok(rows.length >= 12);
      for (const { logits, label, posWeight, loss, gradient } of rows) {
        const result = tf.tidy(() => {
          const { value, grad } = tf.valueAndGrad((x) => bagLoss(x as tf.Tensor1D, label, posWeight))(
            tf.tensor1d(logits, 'float32'),
          );
          assert.deepEqual(value.shape, []);
          return { loss: value.dataSync()[0], gradient: grad.dataSync() };
        });
        const where = `logits ${logits}, label ${label}, posWeight ${posWeight}`;
        assert.ok(
          Math.abs(result.loss - loss) <= 1e-6 * Math.max(1, loss),
          `${where}: ${result.loss}, not ${loss}`,
        );
        assert.ok(
          difference(result.gradient, gradient).largest < 1e-6 * posWeight,
          `${where}: ${result.gradient}`,
        );
      }
      assert.equal(tf.memory().numTensors, 0);
    });
  }
});
