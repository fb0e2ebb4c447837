/**
 * The table of labels that comes with a folder of bags.
 * In: CSV text with a header; columns id (or bag_id, slide_id), label, and if wanted split, fold, patient (or
 * patient_id, case_id); commas, semicolons or tabs between them. Out: one row per bag, or an error that names
 * file and row.
 */
import { SPLITS, type Split } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { CsvError, parse } from 'csv-parse/sync';

export interface LabelRow {
  readonly id: string;
  readonly label: string;
  readonly split?: Split;
  readonly fold?: number;
  readonly patient?: string;
  /** Line of the file, from 1: what errors name. */
  readonly line: number;
}

export interface LabelTable {
  /** Name of the file, for errors. */
  readonly file: string;
  readonly rows: readonly LabelRow[];
  readonly hasSplits: boolean;
}

const NAMES = {
  id: ['id', 'bag_id', 'slide_id', 'bag', 'slide'],
  label: ['label', 'class'],
  split: ['split'],
  fold: ['fold'],
  patient: ['patient', 'patient_id', 'case_id'],
} as const;
type Column = keyof typeof NAMES;

export function readLabels(text: string, file: string): LabelTable {
  const records = parseCsv(text, file);
  const columns = columnsOf(records[0]?.record ?? [], file);
  const rows = records.slice(1).map(({ record, info }) => readRow(record, columns, info.lines, file));
  if (rows.length === 0)
    throw invalid(file, 'it has no rows', 'Give each bag a row with its id and its label.');
  const lines = new Map<string, number>();
  for (const { id, line } of rows) {
    const before = lines.get(id);
    if (before !== undefined)
      throw invalid(
        `${file}, line ${line}`,
        `bag ${id} has a label in line ${before} already`,
        'Keep one row per bag.',
      );
    lines.set(id, line);
  }
  return { file, rows, hasSplits: columns.split >= 0 };
}

interface CsvRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function parseCsv(text: string, file: string): CsvRecord[] {
  try {
    const options = {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
      delimiter: delimiterOf(text),
    } as const;
    return parse(text, options) as unknown as CsvRecord[];
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    throw invalid(
      file,
      thrown.message,
      'Save it again as CSV with a header and the same number of fields in each row.',
    );
  }
}

function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  return ['\t', ';'].find((mark) => header.includes(mark) && !header.includes(',')) ?? ',';
}

function columnsOf(header: readonly string[], file: string): Record<Column, number> {
  const names = header.map((name) => name.toLowerCase().replace(/[ -]/g, '_'));
  const place = (column: Column) =>
    names.findIndex((name) => (NAMES[column] as readonly string[]).includes(name));
  for (const column of ['id', 'label'] as const)
    if (place(column) < 0)
      throw invalid(
        file,
        `it has no column ${column}`,
        `Its first line must name the columns: ${NAMES[column].join(' or ')}; found ${header.join(', ') || 'nothing'}.`,
      );
  return {
    id: place('id'),
    label: place('label'),
    split: place('split'),
    fold: place('fold'),
    patient: place('patient'),
  };
}

function readRow(
  record: readonly string[],
  columns: Record<Column, number>,
  line: number,
  file: string,
): LabelRow {
  const field = (column: Column) => (columns[column] < 0 ? '' : record[columns[column]]);
  const where = `${file}, line ${line}`;
  const id = field('id').replace(/\.npy$/, '');
  if (id === '') throw invalid(where, 'the bag id is empty', 'Give the name of the bag’s file without .npy.');
  if (field('label') === '')
    throw invalid(where, `bag ${id} has an empty label`, 'Give its class, or take the row and the bag out.');
  return {
    id,
    label: field('label'),
    line,
    ...(field('split') === '' ? {} : { split: readSplit(field('split'), where) }),
    ...(field('fold') === '' ? {} : { fold: readFold(field('fold'), where) }),
    ...(field('patient') === '' ? {} : { patient: field('patient') }),
  };
}

function readSplit(word: string, where: string): Split {
  const lowered = word.toLowerCase();
  const split =
    SPLITS.find((name) => name === lowered) ?? (/^valid(ation)?$/.test(lowered) ? 'val' : undefined);
  if (split) return split;
  throw invalid(where, `${JSON.stringify(word)} is no split`, `A split is one of ${SPLITS.join(', ')}.`);
}

function readFold(word: string, where: string): number {
  if (/^\d{1,6}$/.test(word)) return Number(word);
  throw invalid(where, `${JSON.stringify(word)} is no fold`, 'A fold is a whole number from 0.');
}

function invalid(culprit: string, message: string, hint: string): BagfleetError {
  return new BagfleetError('manifest-invalid', message, { culprit, hint });
}
