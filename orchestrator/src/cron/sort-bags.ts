/**
 * What becomes of each bag of the data folder tonight: it trains, validates, waits or is held back.
 * In: the files found, the labels, what the cron was made with (base manifest, hold-out). Out: who takes part, and
 * counts of who does not. Pure; the same for a bag whatever else is in the folder, so that no bag changes sides.
 */
import { BagfleetError, CounterRng, type DatasetManifest, type Split } from '@bagfleet/proto';
import type { LabelRow, LabelTable } from '../datasets/labels/labels-csv.js';
import type { FoundBag } from '../datasets/layouts/layout.js';

export interface Participant {
  readonly bag: FoundBag;
  readonly label: number;
  readonly split: Exclude<Split, 'test'>;
  readonly patient: string | undefined;
}

export interface SortedBags {
  readonly participants: readonly Participant[];
  /** Without a label, or without a patient where the hold-out's patients are known. */
  readonly waiting: readonly FoundBag[];
  /** Of a patient of the hold-out, or marked test. */
  readonly heldBack: readonly FoundBag[];
  /** Rows whose bag is not there yet. */
  readonly labelsAlone: number;
}

export interface SortingRules {
  /** What the cron was made with: its bags keep their sides, its classes hold. */
  readonly base: DatasetManifest;
  readonly holdOut: DatasetManifest;
  readonly seed: number;
  /** New bags validate, too; not where another manifest validates. */
  readonly splitsValidation: boolean;
}

export function sortBags(found: readonly FoundBag[], labels: LabelTable, rules: SortingRules): SortedBags {
  const rows = new Map(labels.rows.map((row) => [row.id, row]));
  const held = new Set(rules.holdOut.bags.map(({ id }) => id));
  const patients = patientsOf(rules.holdOut, labels);
  const known = new Map(rules.base.bags.map((bag) => [bag.id, bag]));
  const sideOf = sides(rules);
  const participants: Participant[] = [];
  const waiting: FoundBag[] = [];
  const heldBack: FoundBag[] = [];
  for (const bag of found) {
    if (held.has(bag.id)) continue;
    const row = rows.get(bag.id);
    const patient = row?.patient ?? known.get(bag.id)?.patient;
    if (patient !== undefined && patients.has(patient)) heldBack.push(bag);
    else if (!row || (patient === undefined && patients.size > 0 && !known.has(bag.id))) waiting.push(bag);
    else {
      const split = known.get(bag.id)?.split ?? sideOf(row);
      if (split === 'test') heldBack.push(bag);
      else participants.push({ bag, label: classOf(row, rules.base, labels.file), split, patient });
    }
  }
  const ids = new Set(found.map(({ id }) => id));
  const labelsAlone = labels.rows.filter(({ id }) => !ids.has(id) && !held.has(id)).length;
  return { participants, waiting, heldBack, labelsAlone };
}

/** The hold-out's patients, as its manifest or the table names them. */
export function patientsOf(holdOut: DatasetManifest, labels: LabelTable): ReadonlySet<string> {
  const held = new Set(holdOut.bags.map(({ id }) => id));
  const told = labels.rows.filter(({ id }) => held.has(id));
  return new Set([...holdOut.bags, ...told].flatMap(({ patient }) => patient ?? []));
}

/** A label or patient of a hold-out bag that the table tells otherwise now. */
export function refuseRelabelled(labels: LabelTable, holdOut: DatasetManifest): void {
  const held = new Map(holdOut.bags.map((bag) => [bag.id, bag]));
  for (const row of labels.rows) {
    const bag = held.get(row.id);
    if (!bag) continue;
    const label = holdOut.classes[bag.label];
    const changed =
      row.label !== label
        ? `the label ${row.label}, the hold-out has ${label}`
        : row.patient !== undefined && bag.patient !== undefined && row.patient !== bag.patient
          ? 'another patient than the hold-out'
          : null;
    if (changed === null) continue;
    throw new BagfleetError('manifest-invalid', `bag ${row.id} of the hold-out has ${changed}`, {
      culprit: `${labels.file}, line ${row.line}`,
      hint: 'If the table is right, pin the hold-out anew: `bagfleet cron apply … --hold-out MANIFEST`.',
    });
  }
}

/**
 * Where a new bag goes: with its patient's other bags; else where its row says; else drawn by (seed, patient) alone,
 * with the share of validation bags that the base has.
 */
function sides({ base, seed, splitsValidation }: SortingRules): (row: LabelRow) => Split {
  const ofPatient = new Map<string, Split>();
  for (const { patient, split } of base.bags)
    if (patient !== undefined && ofPatient.get(patient) !== 'train') ofPatient.set(patient, split);
  const count = (side: Split) => base.bags.filter(({ split }) => split === side).length;
  const share = splitsValidation ? count('val') / Math.max(1, count('val') + count('train')) : 0;
  return ({ id, patient, split }) => {
    const before = patient === undefined ? undefined : ofPatient.get(patient);
    if (before ?? split) return (before ?? split) as Split;
    const group = patient === undefined ? `bag ${id}` : `patient ${patient}`;
    const [draw] = new CounterRng(seed, ['cron-split', group]).uniform(1);
    return draw < share ? 'val' : 'train';
  };
}

function classOf(row: LabelRow, { classes }: DatasetManifest, file: string): number {
  const label = classes.indexOf(row.label);
  if (label >= 0) return label;
  throw new BagfleetError('manifest-invalid', `bag ${row.id} has the label ${JSON.stringify(row.label)}`, {
    culprit: `${file}, line ${row.line}`,
    hint: `The classes are ${classes.join(', ')}. Mend the row; new classes need a new cron.`,
  });
}
