/**
 * The table of labels that comes with a folder of bags.
 * In: CSV text with a header; columns id (or bag_id, slide_id), label (or those that somebody names), and if wanted
 * split, fold, patient (or patient_id, case_id). Out: one row per bag, or an error that names file and row.
 */
import { SPLITS, type Split } from '@bagfleet/proto/dataset-manifest';
import { bagIdOf } from '../layouts/key-names.js';
import { type CsvFile, columnName, invalidTable, readCsv } from './read-csv.js';

export interface LabelRow {
  readonly id: string;
  /** What the column of labels says; of several columns, what they say, with blanks between. */
  readonly label: string;
  /** Of several columns of labels what each says. */
  readonly values?: readonly string[];
  readonly split?: Split;
  readonly fold?: number;
  readonly patient?: string;
  /** Line of the file, from 1: what errors name; 0 where each bag has a file of its own. */
  readonly line: number;
}

export interface LabelTable {
  /** Name of the file, for errors. */
  readonly file: string;
  readonly rows: readonly LabelRow[];
  readonly hasSplits: boolean;
}

export const ID_NAMES: readonly string[] = ['id', 'bag_id', 'slide_id', 'bag', 'slide', 'bag_name'];
const NAMES = {
  id: ID_NAMES,
  split: ['split'],
  fold: ['fold'],
  patient: ['patient', 'patient_id', 'case_id'],
} as const;
type Column = keyof typeof NAMES;

type Columns = Record<Column, number> & { readonly labels: readonly number[] };

/** `labelColumns` are names of the header; where they are left out, it is the column label or class. */
export function readLabels(text: string, file: string, labelColumns?: readonly string[]): LabelTable {
  const csv = readCsv(text, file);
  const columns = columnsOf(csv, file, labelColumns);
  const rows = csv.rows.map(({ fields, line }) => readRow(fields, columns, line, file));
  if (rows.length === 0)
    throw invalidTable(file, 'it has no rows', 'Give each bag a row with its id and its label.');
  const lines = new Map<string, number>();
  for (const { id, line } of rows) {
    const before = lines.get(id);
    if (before !== undefined)
      throw invalidTable(
        `${file}, line ${line}`,
        `bag ${id} has a label in line ${before} already`,
        'Keep one row per bag.',
      );
    lines.set(id, line);
  }
  return { file, rows, hasSplits: columns.split >= 0 };
}

/** What an error about a row names. */
export function placeOf(row: LabelRow, { file }: Pick<LabelTable, 'file'>): string {
  return row.line > 0 ? `${file}, line ${row.line}` : `${file}, bag ${row.id}`;
}

export function valuesOf(row: LabelRow): readonly string[] {
  return row.values ?? [row.label];
}

function columnsOf(csv: CsvFile, file: string, labelColumns: readonly string[] | undefined): Columns {
  const place = (names: readonly string[]) => csv.names.findIndex((name) => names.includes(name));
  const required = (what: string, names: readonly string[]) => {
    if (place(names) >= 0) return place(names);
    throw invalidTable(
      file,
      `it has no column ${what}`,
      `Its first line must name the columns: ${names.join(' or ')}; found ${csv.header.join(', ') || 'nothing'}.`,
    );
  };
  return {
    id: required('id', NAMES.id),
    labels: labelColumns?.map((name) => required(name, [columnName(name)])) ?? [
      required('label', ['label', 'class']),
    ],
    split: place(NAMES.split),
    fold: place(NAMES.fold),
    patient: place(NAMES.patient),
  };
}

function readRow(fields: readonly string[], columns: Columns, line: number, file: string): LabelRow {
  const field = (column: Column) => (columns[column] < 0 ? '' : fields[columns[column]]);
  const where = `${file}, line ${line}`;
  const id = bagIdOf(field('id'));
  if (id === '')
    throw invalidTable(where, 'the bag id is empty', 'Give the name of the bag’s file, without .npy or .h5.');
  const values = columns.labels.map((column) => fields[column]);
  if (values.includes(''))
    throw invalidTable(where, `bag ${id} has an empty label`, 'Give it, or take the row and the bag out.');
  return {
    id,
    label: values.join(' '),
    ...(values.length > 1 ? { values } : {}),
    line,
    ...(field('split') === '' ? {} : { split: readSplit(field('split'), where) }),
    ...(field('fold') === '' ? {} : { fold: readFold(field('fold'), where) }),
    ...(field('patient') === '' ? {} : { patient: field('patient') }),
  };
}

export function readSplit(word: string, where: string): Split {
  const lowered = word.toLowerCase();
  const split =
    SPLITS.find((name) => name === lowered) ?? (/^valid(ation)?$/.test(lowered) ? 'val' : undefined);
  if (split) return split;
  throw invalidTable(where, `${JSON.stringify(word)} is no split`, `A split is one of ${SPLITS.join(', ')}.`);
}

function readFold(word: string, where: string): number {
  if (/^\d{1,6}$/.test(word)) return Number(word);
  throw invalidTable(where, `${JSON.stringify(word)} is no fold`, 'A fold is a whole number from 0.');
}
