import assert from 'node:assert/strict';
import { patientsOf, refuseRelabelled, sortBags } from '@bagfleet/orchestrator/cron/sort-bags';
import type { LabelTable } from '@bagfleet/orchestrator/datasets/labels/labels-csv';
import fc from 'fast-check';
import { madeUpManifest } from '../../../support/made-up-cron.js';

type Row = LabelTable['rows'][number];

function table(rows: readonly Omit<Row, 'line'>[]): LabelTable {
  return {
    file: 'labels.csv',
    rows: rows.map((row, place) => ({ ...row, line: place + 2 })),
    hasSplits: false,
  };
}

function file(id: string) {
  return { id, key: `bags/${id}.npy`, bytes: 100 };
}

const BASE = madeUpManifest([
  { id: 't0', patient: 'anna' },
  { id: 't1', patient: 'bert', label: 1 },
  { id: 't2', patient: 'cora' },
  { id: 'v0', patient: 'dora', label: 1, split: 'val' },
  { id: 'x0', patient: 'emil', split: 'test' },
  { id: 'x1', patient: 'fred', split: 'test', label: 1 },
]);
const HOLD_OUT = madeUpManifest(BASE.bags.filter(({ split }) => split === 'test'));
const RULES = { base: BASE, holdOut: HOLD_OUT, seed: 1, splitsValidation: true };

const patient = fc.option(fc.constantFrom('anna', 'dora', 'emil', 'fred', 'gina', 'hans', 'ida'), {
  nil: undefined,
});
const someBags = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 30 }).map((number) => `n${number}`),
      label: fc.option(fc.constantFrom('no', 'yes'), { nil: undefined }),
      patient,
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )
  .map((bags) => ({
    files: bags.map(({ id }) => file(id)),
    labels: table(
      bags.flatMap(({ id, label, patient }) =>
        label === undefined ? [] : [{ id, label, ...(patient === undefined ? {} : { patient }) }],
      ),
    ),
  }));

describe('sorting the bags of a night', () => {
  it('lets no bag of a patient of the hold-out train or validate, and loses none', () => {
    fc.assert(
      fc.property(someBags, ({ files, labels }) => {
        const found = [...files, ...BASE.bags];
        const all = table([
          ...labels.rows,
          ...BASE.bags.map(({ id, label }) => ({ id, label: BASE.classes[label] })),
        ]);
        const { participants, waiting, heldBack } = sortBags(found, all, RULES);
        for (const { patient } of participants) assert.ok(patient !== 'emil' && patient !== 'fred');
        const places = [
          ...participants.map(({ bag }) => bag.id),
          ...waiting.map(({ id }) => id),
          ...heldBack.map(({ id }) => id),
        ];
        assert.deepEqual([...places, 'x0', 'x1'].sort(), found.map(({ id }) => id).sort());
      }),
    );
  });

  it('keeps the bags of a patient on one side, where the bags of the base stand', () => {
    fc.assert(
      fc.property(someBags, ({ files, labels }) => {
        const sides = new Map(BASE.bags.map(({ patient, split }) => [patient, split as string]));
        for (const { patient, split } of sortBags(files, labels, RULES).participants) {
          assert.equal(sides.get(patient) ?? split, split);
          sides.set(patient, split);
        }
      }),
    );
  });

  it('never lets a bag change sides because others came', () => {
    fc.assert(
      fc.property(someBags, someBags, (first, then) => {
        const before = sortBags(first.files, first.labels, RULES).participants;
        const ids = new Set(first.files.map(({ id }) => id));
        const more = then.files.filter(({ id }) => !ids.has(id));
        const rows = [...first.labels.rows, ...then.labels.rows.filter(({ id }) => !ids.has(id))];
        const after = sortBags([...more, ...first.files], table(rows), RULES).participants;
        const sides = new Map(after.map(({ bag, split }) => [bag.id, split]));
        for (const { bag, split } of before) assert.equal(sides.get(bag.id), split);
      }),
    );
  });

  it('lets a bag wait that has no label, or no patient where the hold-out has them', () => {
    const files = [file('n1'), file('n2'), file('n3')];
    const labels = table([
      { id: 'n2', label: 'yes' },
      { id: 'n3', label: 'yes', patient: 'gina' },
      { id: 'n9', label: 'no', patient: 'hans' },
    ]);
    const { participants, waiting, labelsAlone } = sortBags(files, labels, RULES);
    assert.deepEqual(
      waiting.map(({ id }) => id),
      ['n1', 'n2'],
    );
    assert.deepEqual(
      participants.map(({ bag, label }) => [bag.id, label]),
      [['n3', 1]],
    );
    assert.equal(labelsAlone, 1);
  });

  it('knows a patient of the hold-out from the labels, too', () => {
    const holdOut = madeUpManifest([{ id: 'x0' }, { id: 'x1', label: 1 }]);
    const labels = table([
      { id: 'x0', label: 'no', patient: 'emil' },
      { id: 'n1', label: 'no', patient: 'emil' },
    ]);
    assert.deepEqual([...patientsOf(holdOut, labels)], ['emil']);
    const { participants, heldBack } = sortBags([file('x0'), file('n1')], labels, { ...RULES, holdOut });
    assert.deepEqual([participants.length, heldBack.map(({ id }) => id)], [0, ['n1']]);
  });

  it('validates with about the share of new patients that the base has, and with none where another manifest does', () => {
    const names = Array.from({ length: 400 }, (_, place) => `n${place}`);
    const labels = table(names.map((id) => ({ id, label: 'yes', patient: `patient of ${id}` })));
    const validating = (splitsValidation: boolean) =>
      sortBags(names.map(file), labels, { ...RULES, splitsValidation }).participants.filter(
        ({ split }) => split === 'val',
      ).length;
    const count = validating(true); // a quarter: 1 of 4 bags of the base
    assert.ok(count > 70 && count < 130, `${count} of 400`);
    assert.equal(validating(false), 0);
  });

  it('names the row whose label is of no class', () => {
    const labels = table([{ id: 'n1', label: 'maybe', patient: 'gina' }]);
    assert.throws(() => sortBags([file('n1')], labels, RULES), /bag n1 has the label "maybe"/);
  });

  it('refuses a table that tells a bag of the hold-out otherwise', () => {
    refuseRelabelled(table([{ id: 'x0', label: 'no', patient: 'emil' }]), HOLD_OUT);
    refuseRelabelled(table([]), HOLD_OUT);
    assert.throws(
      () => refuseRelabelled(table([{ id: 'x0', label: 'yes' }]), HOLD_OUT),
      /bag x0 of the hold-out has the label yes, the hold-out has no/,
    );
    assert.throws(
      () => refuseRelabelled(table([{ id: 'x1', label: 'yes', patient: 'gina' }]), HOLD_OUT),
      (thrown) => {
        assert.match(String(thrown), /another patient/);
        assert.doesNotMatch(String(thrown), /gina|fred/, 'no patient is named in an error');
        return true;
      },
    );
  });
});
