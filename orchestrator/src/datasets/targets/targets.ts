/**
 * From what the labels say to what a manifest says: one reader per task.
 */
import type { Task } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { type LabelRow, type LabelTable, placeOf, valuesOf } from '../labels/labels-csv.js';

/** What somebody says about the labels. */
export interface TargetWish {
  /** Name of the positive one of two classes. */
  readonly positive?: string | undefined;
  /** Names of the classes in their order. */
  readonly classes?: readonly string[] | undefined;
  /** Names of the columns of labels; without them multilabel and regression number theirs. */
  readonly columns?: readonly string[] | undefined;
}

export interface Targets {
  readonly classes: string[];
  /** Per row. Class index, or the stratum by which splits are balanced. */
  readonly labels: readonly number[];
  /** Per row, as the manifest's `targets`; null for tasks of classes. */
  readonly targets: readonly (readonly number[])[] | null;
}

/** @throws BagfleetError that names the row */
export type ReadTargets = (rows: readonly LabelRow[], table: LabelTable, wish: TargetWish) => Targets;

/** The columns of labels where nobody names others; undefined is the column label or class. */
export const USUAL_COLUMNS: { readonly [task in Task]?: readonly string[] } = {
  survival: ['time', 'event'],
};

/** Every row's values, as many as there are columns. */
export function readValues<T>(
  rows: readonly LabelRow[],
  table: LabelTable,
  read: (word: string, column: number) => T | undefined,
  wanted: string,
): T[][] {
  return rows.map((row) =>
    valuesOf(row).map((word, column) => {
      const value = read(word, column);
      if (value !== undefined) return value;
      throw wrongLabel(row, table, `bag ${row.id} has ${JSON.stringify(word)}, which is not ${wanted}`);
    }),
  );
}

/** Rows have one number of values in a table; in files of their own they may not. */
export function refuseCount(rows: readonly LabelRow[], table: LabelTable, count: number, what: string): void {
  const odd = rows.find((row) => valuesOf(row).length !== count);
  if (odd)
    throw wrongLabel(odd, table, `bag ${odd.id} has ${valuesOf(odd).length} labels, ${what} takes ${count}`);
}

/** Names of the columns, or numbers for those that have none. */
export function columnNames(rows: readonly LabelRow[], { columns }: TargetWish): string[] {
  return valuesOf(rows[0]).map((_, i) => columns?.[i] ?? String(i));
}

export function finiteNumber(word: string): number | undefined {
  const value = word.trim() === '' ? Number.NaN : Number(word);
  return Number.isFinite(value) ? value : undefined;
}

function wrongLabel(row: LabelRow, table: LabelTable, message: string): BagfleetError {
  return new BagfleetError('manifest-invalid', message, {
    culprit: placeOf(row, table),
    hint: 'Mend that label, or name other columns (--label-columns) or another task (--task).',
  });
}
