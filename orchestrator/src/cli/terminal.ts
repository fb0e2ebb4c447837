/**
 * The terminal as commands see it: lines and JSON to standard output, remarks to standard error, colours
 * where they are wanted (a terminal, no NO_COLOR), width, and whether anybody still reads.
 */
import { styleText } from 'node:util';

const NARROWEST = 24;
const USUAL_WIDTH = 80;

const readerGone = new AbortController();

/** Aborts when the reader of standard output has left, as `| head` does: endless output ends then. */
export const outputClosed: AbortSignal = readerGone.signal;

/** Makes a reader that leaves (EPIPE) an event instead of a crash. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      readerGone.abort();
    });
}

export function print(text = ''): void {
  if (!outputClosed.aborted) process.stdout.write(`${text}\n`);
}

/** One JSON value: indented for people at a terminal, else on one line for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined));
}

/** What is said besides the result: standard output stays pure. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

export type Paint = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Coloured if standard output is a terminal and neither NO_COLOR nor NODE_DISABLE_COLORS forbids it. */
export function paint(style: Paint, text: string): string {
  return styleText(style, text, { validateStream: true, stream: process.stdout });
}

/** An error message for standard error: its first line stands out. */
export function paintError(text: string): string {
  const [first, ...rest] = text.split('\n');
  const head = styleText('red', first, { validateStream: true, stream: process.stderr });
  return [head, ...rest].join('\n');
}

/** Columns to fill with sentences: COLUMNS if set, else the terminal's, else 80. */
export function terminalWidth(): number {
  return Math.max(NARROWEST, knownWidth() ?? USUAL_WIDTH);
}

/** Columns that a table may fill: without a terminal as many as it likes, so that nothing is lost in a pipe. */
export function tableWidth(): number {
  return Math.max(NARROWEST, knownWidth() ?? Number.POSITIVE_INFINITY);
}

function knownWidth(): number | undefined {
  const told = Number(process.env.COLUMNS);
  return Number.isInteger(told) && told > 0 ? told : process.stdout.columns || undefined; // some terminals say 0
}
