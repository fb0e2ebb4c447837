/**
 * All bags of a patient as one bag.
 * In: bags with their rows, which name patients. Out: a bag per patient, its files in the natural order of the bags' ids,
 * with the row on which all agree; or an error that names those that don't.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { byNaturalOrder } from '@bagfleet/worker/data/tiles/natural-order';
import { grouped } from '../grouped.js';
import type { FoundBag, FoundFile } from '../layouts/layout.js';
import { type LabelRow, type LabelTable, placeOf } from './labels-csv.js';
import type { LabelledBag } from './match-labels.js';

export function joinPatients(bags: readonly LabelledBag[], labels: LabelTable): LabelledBag[] {
  const lost = bags.find(({ row }) => row.patient === undefined);
  if (lost)
    throw new BagfleetError('manifest-invalid', `bag ${lost.row.id} has no patient`, {
      culprit: placeOf(lost.row, labels),
      hint: 'Fill in the column patient (patient_id, case_id), or leave out --bag-by patient.',
    });
  return [...grouped(bags, ({ row }) => row.patient ?? '')].map(([patient, slides]) =>
    bagOf(patient, slides, labels),
  );
}

function bagOf(patient: string, slides: readonly LabelledBag[], labels: LabelTable): LabelledBag {
  const ordered = [...slides].sort((a, b) => byNaturalOrder(a.bag.id, b.bag.id));
  const [{ row }] = ordered;
  for (const other of ordered) {
    refuseOther('label', row, other.row, labels);
    refuseOther('split', row, other.row, labels);
    refuseOther('fold', row, other.row, labels);
  }
  const parts = ordered.flatMap(({ bag }) => bag.parts ?? [fileOf(bag)]);
  const bag = {
    id: patient,
    key: commonStart(parts.map(({ key }) => key)),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    parts,
  };
  return { bag, row: { ...row, id: patient } };
}

function refuseOther(field: 'label' | 'split' | 'fold', a: LabelRow, b: LabelRow, labels: LabelTable): void {
  if (a[field] === b[field]) return;
  const words = (value: string | number | undefined) => (value === undefined ? 'none' : String(value));
  throw new BagfleetError(
    'manifest-invalid',
    `${a.id} and ${b.id} are of one patient, but the ${field} of the first is ${words(a[field])}, of the other ${words(b[field])}`,
    {
      culprit: placeOf(b, labels),
      hint: `Give all slides of a patient one ${field}, or leave out --bag-by patient.`,
    },
  );
}

/** Without the bag's name. */
function fileOf({ id: _id, parts: _parts, ...file }: FoundBag): FoundFile {
  return file;
}

/** What all keys begin with; the first key where that is nothing. */
function commonStart(keys: readonly string[]): string {
  let length = keys[0].length;
  for (const key of keys) while (!key.startsWith(keys[0].slice(0, length))) length--;
  return keys[0].slice(0, length) || keys[0];
}
