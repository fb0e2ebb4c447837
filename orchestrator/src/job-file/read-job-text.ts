/**
 * A job file's text as plain values: YAML 1.2, of which JSON is a part.
 * In: text and the name to blame. Out: values as written, not yet checked against the schema; syntax
 * errors name line and column.
 */
import { BagfleetError } from '@bagfleet/proto';
import { LineCounter, parseDocument } from 'yaml';

export function readJobText(text: string, source: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problem = document.errors[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw syntaxError(`${source}:${line}:${col}`, problem.message, text.split(/\r?\n/)[line - 1] ?? '', col);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new BagfleetError('job-invalid', (cause as Error).message, { culprit: source, cause });
  }
}

/** The message, with the line in question below it and a caret under the column; a line with a key is not shown. */
function syntaxError(culprit: string, message: string, line: string, column: number): BagfleetError {
  if (/key|secret|token|passw/i.test(line)) return new BagfleetError('job-invalid', message, { culprit });
  const start = Math.max(0, column - 60);
  const hint = `${line.slice(start, start + 100)}\n  ${' '.repeat(Math.max(0, column - 1 - start))}^`;
  return new BagfleetError('job-invalid', message, { culprit, hint });
}
