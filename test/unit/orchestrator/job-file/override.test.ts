import assert from 'node:assert/strict';
import { applyOverrides, overrideOf, parseAssignment } from '@bagfleet/orchestrator/job-file/override';
import { BagfleetError } from '@bagfleet/proto';
import fc from 'fast-check';
import { stringify } from 'yaml';

const set = (...texts: string[]) => texts.map(parseAssignment);

describe('--set', () => {
  it('types values as YAML does', () => {
    const values = (text: string) => parseAssignment(`a=${text}`).value;
    assert.equal(values('3'), 3);
    assert.equal(values('null'), null);
    assert.equal(values(''), null);
    assert.equal(values('true'), true);
    assert.deepEqual(values('[0.9, 0.99]'), [0.9, 0.99]);
    assert.deepEqual(values('{ sensitivity: 0.9 }'), { sensitivity: 0.9 });
    assert.equal(values('s3://bucket/a=b'), 's3://bucket/a=b');
    assert.equal(values("'3'"), '3');
  });

  it('gives back whatever value was written down', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2, noUnicodeString: true }), (value) => {
        const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
        assert.equal(JSON.stringify(parseAssignment(`train.batch=${text}`).value), JSON.stringify(value));
      }),
    );
  });

  it('sets fields deep in the file, makes sections, and the last one wins', () => {
    const job = { train: { batch: 8, epochs: 3 }, validation: { earlyStop: null } };
    const changed = applyOverrides(
      job,
      set('train.batch=16', 'validation.earlyStop.patience=5', 'seed=1', 'seed=2'),
    );
    assert.deepEqual(changed, {
      train: { batch: 16, epochs: 3 },
      validation: { earlyStop: { patience: 5 } },
      seed: 2,
    });
    assert.deepEqual(
      job,
      { train: { batch: 8, epochs: 3 }, validation: { earlyStop: null } },
      'the values are not touched',
    );
  });

  it('sets fields of an empty file', () => {
    assert.deepEqual(applyOverrides(null, set('data.manifest=m.json')), { data: { manifest: 'm.json' } });
  });

  for (const text of ['train.batch', '=3', '.a=3', 'a.=3', 'a b=3', '__proto__.x=1'])
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseAssignment(text),
        (error) => error instanceof BagfleetError && error.code === 'usage',
      );
    });

  it('never shows the value when it refuses', () => {
    assert.throws(
      () => parseAssignment('store..key=verysecret'),
      (error) => error instanceof BagfleetError && !error.describe().includes('verysecret'),
    );
  });

  it('knows who set a field', () => {
    const overrides = set('train.batch=1', 'train.batch=2', 'validation.threshold.sensitivity=3');
    assert.equal(overrideOf(['train', 'batch'], overrides)?.value, 2);
    assert.equal(
      overrideOf(['validation', 'threshold'], overrides)?.origin,
      '--set validation.threshold.sensitivity',
    );
    assert.equal(overrideOf(['train', 'epochs'], overrides), undefined);
    assert.equal(overrideOf(['data'], overrides), undefined);
  });
});
