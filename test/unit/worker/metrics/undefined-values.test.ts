/** Where a metric has no value it is null, and what can't be scored is refused. */
import assert from 'node:assert/strict';
import { BagfleetError, METRIC_NAMES } from '@bagfleet/proto';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { evaluateMulticlass } from '@bagfleet/worker/metrics/evaluate-multiclass';
import { UNDEFINED_BECAUSE } from '@bagfleet/worker/metrics/undefined-because';

const undefinedIn = (values: object) =>
  Object.entries(values)
    .filter(([, value]) => value === null)
    .map(([name]) => name)
    .sort();

describe('undefined metrics', () => {
  it('are all named, and evaluation gives every name a value', () => {
    assert.deepEqual(Object.keys(UNDEFINED_BECAUSE).sort(), [...METRIC_NAMES].sort());
    assert.deepEqual(Object.keys(evaluateBinary([], null, 0.5)).sort(), [...METRIC_NAMES].sort());
    assert.deepEqual(Object.keys(evaluateMulticlass([], null, 3).values).sort(), [...METRIC_NAMES].sort());
  });

  it('without bags: all', () => {
    assert.deepEqual(undefinedIn(evaluateBinary([], null, 0.5)), [...METRIC_NAMES].sort());
    assert.deepEqual(undefinedIn(evaluateMulticlass([], null, 3).values), [...METRIC_NAMES].sort());
  });

  it('with negative bags only, none called positive', () => {
    const values = evaluateBinary([{ label: 0, probability: 0.1 }], 0.1, 0.5);
    const none = ['auc', 'auprc', 'balancedAccuracy', 'f1', 'kappa', 'ppv', 'quadraticKappa', 'sensitivity'];
    assert.deepEqual(undefinedIn(values), none);
    assert.equal(values.specificity, 1);
  });

  it('with one of three classes only', () => {
    const { values } = evaluateMulticlass([{ label: 1, probabilities: [0.2, 0.6, 0.2] }], 0.5, 3);
    assert.deepEqual(undefinedIn(values), ['auc', 'balancedAccuracy', 'kappa', 'quadraticKappa']);
  });
});

describe('predictions that cannot be scored', () => {
  const refused = (run: () => unknown, message: RegExp) =>
    assert.throws(run, (error) => error instanceof BagfleetError && message.test(error.message));

  it('are refused by their place', () => {
    const right = { label: 1, probability: 0.5 };
    refused(
      () => evaluateBinary([right, { label: 2, probability: 0.5 }], 0, 0.5),
      /prediction 1 .* label is 2/,
    );
    refused(
      () => evaluateBinary([{ label: 1, probability: NaN }], 0, 0.5),
      /prediction 0 .* probability is NaN/,
    );
    refused(() => evaluateBinary([{ label: 1, probability: 1.1 }], 0, 0.5), /probability is 1.1/);
    refused(() => evaluateMulticlass([{ label: 3, probabilities: [1, 0, 0] }], 0, 3), /not a class 0 … 2/);
    refused(
      () => evaluateMulticlass([{ label: 0, probabilities: [1, 0] }], 0, 3),
      /2 probabilities for 3 classes/,
    );
  });
});
