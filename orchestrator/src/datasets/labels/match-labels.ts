/**
 * The row of each bag: no bag without a label, no label without a bag.
 * In: bags as found, the table. Out: bags with their rows, in the bags' order; or an error that names bag or row.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { FoundBag } from '../layouts/layout.js';
import { type LabelRow, type LabelTable, placeOf } from './labels-csv.js';

export interface LabelledBag {
  readonly bag: FoundBag;
  readonly row: LabelRow;
}

export function matchLabels(bags: readonly FoundBag[], labels: LabelTable): LabelledBag[] {
  const byId = new Map(labels.rows.map((row) => [row.id, row]));
  const unlabelled = bags.filter(({ id }) => !byId.has(id));
  if (unlabelled.length > 0)
    throw new BagfleetError(
      'label-missing',
      `${labels.file} has no row for it${andMore(unlabelled.length)}`,
      {
        culprit: `bag ${unlabelled[0].id}, file ${unlabelled[0].key}`,
        hint: `Add a row with the id ${unlabelled[0].id} and its label, or move the file out of the folder.`,
      },
    );
  const ids = new Set(bags.map(({ id }) => id));
  const orphans = labels.rows.filter(({ id }) => !ids.has(id));
  if (orphans.length > 0)
    throw new BagfleetError('label-orphan', `there is no bag ${orphans[0].id}${andMore(orphans.length)}`, {
      culprit: placeOf(orphans[0], labels),
      hint: `Put the bag's file into the folder, or take the row out.`,
    });
  return bags.map((bag) => ({ bag, row: byId.get(bag.id) as LabelRow }));
}

function andMore(count: number): string {
  return count > 1 ? ` (and ${count - 1} more like it)` : '';
}
