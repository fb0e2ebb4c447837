/** Every metric equals scikit-learn's on the committed predictions to 1e-9. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { calibrationBins } from '@bagfleet/worker/metrics/calibration';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { evaluateMulticlass } from '@bagfleet/worker/metrics/evaluate-multiclass';
import { chooseThreshold } from '@bagfleet/worker/metrics/threshold';

type Values = Record<string, number | null>;
interface BinaryCase {
  name: string;
  labels: number[];
  probabilities: number[];
  threshold: number;
  expected: Values;
  youden: number | null;
  calibration: [predicted: number, observed: number][] | null;
  thresholdAtSensitivity: Values;
}
interface MulticlassCase {
  name: string;
  labels: number[];
  probabilities: number[][];
  expected: Values;
  classes: Values[];
  confusion: number[][];
}

const file = new URL('../../../fixtures/metrics/sklearn.json', import.meta.url);
const fixture = JSON.parse(readFileSync(file, 'utf8')) as {
  binary: BinaryCase[];
  multiclass: MulticlassCase[];
};

function assertClose(actual: Values, expected: Values): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, wanted] of Object.entries(expected)) {
    const got = actual[name];
    if (wanted === null || got === null) assert.equal(got, wanted, `${name}: ${got}, scikit-learn ${wanted}`);
    else assert.ok(Math.abs(got - wanted) <= 1e-9, `${name}: ${got}, scikit-learn ${wanted}`);
  }
}

describe('two classes, as scikit-learn', () => {
  for (const example of fixture.binary) {
    const predictions = example.labels.map((label, i) => ({ label, probability: example.probabilities[i] }));

    it(example.name, () => {
      const values = evaluateBinary(predictions, 0.25, example.threshold);
      assertClose(values as Values, { ...example.expected, loss: 0.25 });
    });

    it(`${example.name}: Youden's threshold reaches the largest J of the ROC curve`, () => {
      const { threshold } = chooseThreshold('youden', predictions);
      const { sensitivity, specificity } = evaluateBinary(predictions, null, threshold);
      if (example.youden === null) assert.equal(threshold, 0.5);
      else assert.ok(Math.abs((sensitivity ?? NaN) + (specificity ?? NaN) - 1 - example.youden) <= 1e-9);
    });

    it(`${example.name}: calibration`, () => {
      const bins = calibrationBins(predictions);
      assert.equal(
        bins.reduce((sum, bin) => sum + bin.bags, 0),
        predictions.length,
      );
      if (example.calibration === null) return;
      assert.equal(bins.length, example.calibration.length);
      for (const [i, [predicted, observed]] of example.calibration.entries())
        assertClose({ predicted: bins[i].predicted, observed: bins[i].observed }, { predicted, observed });
    });

    it(`${example.name}: thresholds of fixed sensitivity`, () => {
      for (const [wanted, threshold] of Object.entries(example.thresholdAtSensitivity))
        assert.equal(
          chooseThreshold({ sensitivity: Number(wanted) }, predictions).threshold,
          threshold ?? 0.5,
        );
    });
  }
});

describe('several classes, as scikit-learn', () => {
  for (const example of fixture.multiclass)
    it(example.name, () => {
      const predictions = example.labels.map((label, i) => ({
        label,
        probabilities: example.probabilities[i],
      }));
      const report = evaluateMulticlass(predictions, null, example.probabilities[0].length);
      assertClose(report.values as Values, { ...example.expected, loss: null });
      for (const [k, one] of report.classes.entries()) assertClose({ ...one }, example.classes[k]);
      assert.deepEqual(report.confusion, example.confusion);
    });
});
