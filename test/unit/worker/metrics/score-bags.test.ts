/** Logits of a list of bags become metrics, each bag once. */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { evaluateMulticlass } from '@bagfleet/worker/metrics/evaluate-multiclass';
import { sigmoid, softmax } from '@bagfleet/worker/metrics/probability';
import { scoreBags } from '@bagfleet/worker/metrics/score-bags';

const two = [
  { bag: 4, label: 0, loss: 0.2, weight: 1, logits: [-2] },
  { bag: 5, label: 1, loss: 1.5, weight: 3, logits: [0.3] },
  { bag: 9, label: 0, loss: 0.9, weight: 1, logits: [0.1] },
];

describe('scores of bags', () => {
  it('two classes: weighted mean loss, metrics at the chosen threshold', () => {
    const predictions = two.map(({ label, logits }) => ({ label, probability: sigmoid(logits[0]) }));
    const { values, threshold, classes } = scoreBags(two, { classes: 2, threshold: 'youden' });
    assert.ok(threshold !== null && threshold > sigmoid(0.1) && threshold <= sigmoid(0.3));
    assert.equal(classes, null);
    assert.deepEqual(values, evaluateBinary(predictions, (0.2 + 1.5 + 0.9) / 5, threshold));
    assert.equal(values.balancedAccuracy, 1);
  });

  it('two classes: a given threshold is kept', () => {
    const { values, threshold } = scoreBags(two, { classes: 2, threshold: 0.1 });
    assert.equal(threshold, 0.1);
    assert.equal(values.specificity, 0);
  });

  it('several classes: macro values and a report per class, no threshold', () => {
    const three = [
      { bag: 0, label: 2, loss: 0.2, weight: 1, logits: [0, 1, 2] },
      { bag: 1, label: 0, loss: 0.4, weight: 1, logits: [3, 1, 2] },
    ];
    const scores = scoreBags(three, { classes: 3, threshold: 'youden' });
    const predictions = three.map(({ label, logits }) => ({ label, probabilities: softmax(logits) }));
    const report = evaluateMulticlass(predictions, (0.2 + 0.4) / 2, 3);
    assert.deepEqual(scores, { values: report.values, threshold: null, classes: report.classes });
  });

  it('no bags: nothing is defined', () => {
    const { values, threshold } = scoreBags([], { classes: 2, threshold: 'youden' });
    assert.equal(threshold, 0.5);
    assert.ok(Object.values(values).every((value) => value === null));
  });

  it('a logit that is not finite names its bag', () => {
    const broken = { ...two[1], logits: [NaN] };
    assert.throws(
      () => scoreBags([two[0], broken], { classes: 2, threshold: 0.5 }),
      (error) =>
        error instanceof BagfleetError && error.code === 'loss-not-finite' && /bag 5/.test(error.describe()),
    );
  });
});
