/** Labels joined to fewer classes, beside a plain twin. */
import assert from 'node:assert/strict';
import type { DatasetManifest } from '@bagfleet/proto';
import type { BagfleetError } from '@bagfleet/proto/errors';
import { type LabelMap, mapLabels } from '@bagfleet/proto/label-map';
import fc from 'fast-check';

function manifestOf(classes: readonly string[], labels: readonly number[], task?: DatasetManifest['task']) {
  const bags = labels.map((label, i): DatasetManifest['bags'][number] => ({
    ...{ id: `b${i}`, key: `b${i}.npy`, bytes: 9, instances: 1, label, split: 'train' },
  }));
  return {
    schemaVersion: 1,
    name: 'd',
    instanceShape: [2],
    classes: [...classes],
    task,
    bags,
  } as DatasetManifest;
}

const GRADES = ['0', '1', '2', '3', '4', '5'];

describe('data.labelMap', () => {
  it("joins ISUP grades by PANDA's rule", () => {
    const mapped = mapLabels(manifestOf(GRADES, [0, 1, 2, 3, 4, 5, 0], 'ordinal'), { 0: 0, '1-5': 1 });
    assert.deepEqual(mapped.classes, ['0', '1-5']);
    assert.deepEqual(
      mapped.bags.map(({ label }) => label),
      [0, 1, 1, 1, 1, 1, 0],
    );
    assert.equal(mapped.task, 'classification');
  });

  it('stays ordinal where order and more than two classes remain', () => {
    const task = (map: LabelMap) => mapLabels(manifestOf(GRADES, [0, 3, 5], 'ordinal'), map).task;
    assert.equal(task({ 0: 0, '1-2': 1, '3-5': 2 }), 'ordinal');
    assert.equal(task({ 0: 1, '1-2': 0, '3-5': 2 }), 'classification');
  });

  it('takes names, joins them in the name of the class, and leaves out what is null', () => {
    const classes = ['negative', 'itc', 'micro', 'macro'];
    const mapped = mapLabels(manifestOf(classes, [0, 1, 2, 3, 1]), {
      negative: 0,
      itc: null,
      micro: 1,
      macro: 1,
    });
    assert.deepEqual(mapped.classes, ['negative', 'micro+macro']);
    assert.deepEqual(
      mapped.bags.map(({ id, label }) => `${id} ${label}`),
      ['b0 0', 'b2 1', 'b3 1'],
    );
  });

  it('maps each bag as its own line of the map says, whatever the map', () => {
    const values = fc.array(fc.constantFrom(0, 1, 2, null), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(values, fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }), (map, labels) => {
        const kept = labels.filter((label) => map[label] !== null);
        fc.pre(kept.length > 0 && map.includes(0) && map.includes(1));
        const written = Object.fromEntries(GRADES.map((name, i) => [name, map[i]]));
        const { bags, classes } = mapLabels(manifestOf(GRADES, labels), written);
        assert.deepEqual(
          bags.map(({ label }) => label),
          kept.map((label) => map[label]),
        );
        assert.equal(classes.length, map.includes(2) ? 3 : 2);
      }),
    );
  });

  it('is refused by name where it does not fit', () => {
    const cases: [LabelMap, RegExp, DatasetManifest['task']?][] = [
      [{ 0: 0, '1-4': 1 }, /does not say what becomes of 5/],
      [{ 0: 0, '1-5': 1, 3: 0 }, /names 3 twice/],
      [{ 0: 0, '1-5': 1, benign: 0 }, /no bag has the label benign/],
      [{ 0: 0, '1-5': 1, '7-9': 1 }, /no bag has the label 7-9/],
      [{ '0-5': 0 }, /its classes are 0/],
      [{ 0: 0, '1-5': 2 }, /its classes are 0, 2/],
      [{ 0: 0, '1-5': 1 }, /task is multilabel/, 'multilabel'],
    ];
    for (const [map, message, task] of cases)
      assert.throws(
        () => mapLabels(manifestOf(GRADES, [0, 1], task), map),
        (error: BagfleetError) => error.culprit === 'job field data.labelMap' && message.test(error.message),
        String(message),
      );
  });
});
