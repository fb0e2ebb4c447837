/**
 * Splits that lie in a file of their own.
 * In: CLAM's splits_0.csv (columns train, val, test of slide ids), its splits_0_bool.csv (a row per slide, True in one of
 * those columns), or columns id and split, as torchmil's splits.csv. Out: the table of labels with these splits, or an
 * error that names file, line and bag.
 */
import { SPLITS, type Split } from '@bagfleet/proto/dataset-manifest';
import { ID_NAMES, type LabelTable, readSplit } from '../labels/labels-csv.js';
import { type CsvFile, invalidTable, readCsv } from '../labels/read-csv.js';
import { bagIdOf } from '../layouts/key-names.js';

interface Placed {
  readonly id: string;
  readonly split: Split;
  readonly line: number;
}

export interface SplitFile {
  readonly file: string;
  readonly splits: ReadonlyMap<string, Placed>;
}

export function readSplitFile(text: string, file: string): SplitFile {
  const csv = readCsv(text, file);
  const splits = new Map<string, Placed>();
  for (const placed of placesOf(csv, file)) {
    const before = splits.get(placed.id);
    if (before && before.split !== placed.split)
      throw invalidTable(
        `${file}, line ${placed.line}`,
        `bag ${placed.id} is in ${placed.split}, but in line ${before.line} in ${before.split}`,
        'A bag is in one split: take it out of the other.',
      );
    splits.set(placed.id, placed);
  }
  if (splits.size > 0) return { file, splits };
  throw invalidTable(file, 'it names no bags', 'Below train, val and test list the ids of their slides.');
}

/** The table's own splits are of no account then. */
export function withSplits(labels: LabelTable, { file, splits }: SplitFile): LabelTable {
  const ids = new Set(labels.rows.map(({ id }) => id));
  const stranger = [...splits.values()].find(({ id }) => !ids.has(id));
  if (stranger)
    throw invalidTable(
      `${file}, line ${stranger.line}`,
      `bag ${stranger.id} of ${stranger.split} has no label in ${labels.file}`,
      'Take it out, or add its label and its file.',
    );
  const rows = labels.rows.map((row) => {
    const placed = splits.get(row.id);
    if (placed) return { ...row, split: placed.split };
    throw invalidTable(
      file,
      `bag ${row.id} is in no split`,
      'Add it to one of them; or take its label and its file out.',
    );
  });
  return { ...labels, rows, hasSplits: true };
}

function placesOf(csv: CsvFile, file: string): Placed[] {
  const columns = SPLITS.flatMap((split) => {
    const column = csv.names.indexOf(split);
    return column < 0 ? [] : [{ split, column }];
  });
  if (columns.length === 0) return rowsOfSplits(csv, file);
  const cells = csv.rows.flatMap(({ fields, line }) =>
    columns.map(({ split, column }) => ({ word: fields[column], split, line, first: fields[0] })),
  );
  const isMarked = cells.every(({ word }) => /^(true|false)$/i.test(word));
  const chosen = cells.filter(({ word }) => (isMarked ? /^true$/i.test(word) : word !== ''));
  return chosen.map(({ word, split, line, first }) => ({
    id: bagIdOf(isMarked ? first : word),
    split,
    line,
  }));
}

/** A row per bag, which names its split. */
function rowsOfSplits(csv: CsvFile, file: string): Placed[] {
  const id = csv.names.findIndex((name) => ID_NAMES.includes(name));
  const split = csv.names.indexOf('split');
  if (id < 0 || split < 0)
    throw invalidTable(
      file,
      `its columns are ${csv.header.join(', ') || 'none'}`,
      "It takes train, val and test, as CLAM's splits_0.csv; or id and split.",
    );
  return csv.rows.map(({ fields, line }) => ({
    id: bagIdOf(fields[id]),
    split: readSplit(fields[split], `${file}, line ${line}`),
    line,
  }));
}
