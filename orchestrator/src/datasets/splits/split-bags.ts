/**
 * The split of each bag, by the labels' column or by shares.
 * In: bags with label and patient, their rows, the rule. Out: a split per bag, or an error that names the row.
 */
import { SPLITS, type Split } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { type LabelRow, type LabelTable, placeOf } from '../labels/labels-csv.js';
import type { SplitRule } from './split-rule.js';
import { type StratifiedBag, stratify } from './stratify.js';

export function splitBags(
  bags: readonly StratifiedBag[],
  rows: readonly LabelRow[],
  rule: SplitRule,
  seed: number,
  table: LabelTable,
): ReadonlyMap<string, Split> {
  if (rule.kind === 'column') return new Map(rows.map((row) => [row.id, row.split ?? noSplit(row, table)]));
  const parts = stratify(
    bags,
    SPLITS.map((split) => rule.shares[split]),
    seed,
  );
  return new Map([...parts].map(([id, part]) => [id, SPLITS[part]]));
}

function noSplit(row: LabelRow, table: LabelTable): never {
  throw new BagfleetError('manifest-invalid', `bag ${row.id} has an empty split`, {
    culprit: placeOf(row, table),
    hint: 'Fill in train, val or test, or have all bags split by --split train=0.7,val=0.15,test=0.15.',
  });
}
