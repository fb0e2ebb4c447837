/**
 * A CSV file as people and spreadsheets write it: a header, commas, semicolons or tabs, quotes, Windows line ends.
 * In: its text and its name. Out: fields and lines, or an error that names the file.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { CsvError, parse } from 'csv-parse/sync';

export interface CsvFile {
  readonly header: readonly string[];
  /** The header's names in lower case, with `_` for blanks and hyphens. */
  readonly names: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  /** As many as the header has. */
  readonly fields: readonly string[];
  /** Line of the file, from 1. */
  readonly line: number;
}

export function readCsv(text: string, file: string): CsvFile {
  const [head, ...rows] = parseCsv(text, file).map(({ record, info }) => ({
    fields: record,
    line: info.lines,
  }));
  const header = head?.fields ?? [];
  return { header, names: header.map(columnName), rows };
}

export function columnName(name: string): string {
  return name.toLowerCase().replace(/[ -]/g, '_');
}

export function invalidTable(culprit: string, message: string, hint: string): BagfleetError {
  return new BagfleetError('manifest-invalid', message, { culprit, hint });
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
    throw invalidTable(
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
