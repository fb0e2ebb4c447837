/**
 * Rows in aligned columns.
 * In: rows, columns with the most important first, the width there is. Out: text that fits: columns at the
 * end are left out where it would not.
 */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { paint } from './terminal.js';

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  readonly align?: 'left' | 'right';
}

/** cli-table3's frame, switched off: two spaces between columns and nothing else. */
const NO_FRAME = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

export function inColumns<T>(rows: readonly T[], columns: readonly Column<T>[], width: number): string {
  const table = new Table({
    chars: NO_FRAME,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((column) => column.align ?? 'left'),
    head: columns.map((column) => paint('dim', column.title)),
  });
  table.push(...rows.map((row) => columns.map((column) => column.value(row))));
  const text = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return columns.length > 1 && widthOf(text) > width ? inColumns(rows, columns.slice(0, -1), width) : text;
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => stripVTControlCharacters(line).length));
}
