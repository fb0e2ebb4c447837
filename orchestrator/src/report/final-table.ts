/**
 * The table at the end of a run: one row per epoch.
 * In: epoch rows, the deciding metric, the width there is. Out: lines of text; a narrow one has fewer columns.
 */
import type { EpochRow, MetricName } from '@bagfleet/proto';
import { formatDuration } from './duration.js';
import { spoken } from './metric-words.js';
import { formatPerSecond } from './per-second.js';

export interface TableStyle {
  readonly best: string;
  readonly rule: string;
  readonly strong: (text: string) => string;
}

export const TERMINAL_TABLE: TableStyle = {
  best: '★',
  rule: '─',
  strong: (text) => `\x1b[1m${text}\x1b[22m`,
};
/** For pipes and logs: ASCII, no escape codes. */
export const PLAIN_TABLE: TableStyle = { best: '*', rule: '-', strong: (text) => text };

interface Column {
  readonly head: string;
  readonly cell: (row: EpochRow) => string;
  /** Of two columns the one with the higher number goes first when they do not fit. */
  readonly rank: number;
}

const GAP = '  ';
/** Shown beside the deciding metric where there is room. */
const ALSO: readonly MetricName[] = ['auc', 'auprc', 'balancedAccuracy', 'f1'];
const UNKNOWN = '-';

export interface TableOptions {
  /** The metric that decides which epoch is best. */
  readonly metric: string;
  /** Columns of the terminal; Infinity leaves nothing out. */
  readonly width: number;
  readonly style?: TableStyle;
}

export function finalTable(
  rows: readonly EpochRow[],
  { metric, width, style = PLAIN_TABLE }: TableOptions,
): string {
  const columns = fitting(columnsOf(rows, metric, style), rows, width);
  const widths = columns.map((column) => widthOf(column, rows));
  const lineOf = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(widths[i])).join(GAP);
  const head = lineOf(columns.map((column) => column.head));
  const body = rows.map((row) => lineOf(columns.map((column) => column.cell(row))).trimEnd());
  return [style.strong(head), style.rule.repeat(head.length), ...body].join('\n');
}

function columnsOf(rows: readonly EpochRow[], metric: string, style: TableStyle): Column[] {
  const best = rows.findLast((row) => row.isBest);
  const also = ALSO.filter(
    (name) => name !== metric && rows.some((row) => typeof row.validation?.[name] === 'number'),
  );
  return [
    { head: 'epoch', cell: (row) => String(row.epoch), rank: 0 },
    { head: 'train loss', cell: (row) => row.trainLoss.toFixed(4), rank: 1 },
    { head: 'val loss', cell: metricCell('loss'), rank: 2 },
    ...(metric === 'loss' ? [] : [{ head: spoken(metric), cell: metricCell(metric), rank: 0 }]),
    ...also.map((name, i) => ({ head: spoken(name), cell: metricCell(name), rank: 5 + i })),
    { head: 'bags/s', cell: (row) => formatPerSecond(row.bagsPerSecond), rank: 3 },
    { head: 'time', cell: (row) => formatDuration(row.seconds), rank: 4 },
    { head: 'best', cell: (row) => (row === best ? style.best : ''), rank: 0 },
  ];
}

function metricCell(name: string): (row: EpochRow) => string {
  return (row) => row.validation?.[name as MetricName]?.toFixed(4) ?? UNKNOWN;
}

/** Leaves out the column of the highest rank until the table is no wider than `width`. */
function fitting(columns: readonly Column[], rows: readonly EpochRow[], width: number): readonly Column[] {
  const needed = columns.reduce((sum, column) => sum + widthOf(column, rows) + GAP.length, -GAP.length);
  const last = columns.reduce((most, column) => Math.max(most, column.rank), 0);
  if (needed <= width || last === 0) return columns;
  return fitting(
    columns.filter((column) => column.rank !== last),
    rows,
    width,
  );
}

function widthOf({ head, cell }: Column, rows: readonly EpochRow[]): number {
  return rows.reduce((most, row) => Math.max(most, cell(row).length), head.length);
}
