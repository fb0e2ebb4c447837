/**
 * How a command fails: what is printed and which code the shell gets.
 * In: whatever was thrown. Out: exit code 2 for bad input, 1 for a failed job, 130 interrupted, 70 a bug.
 * What a user can mend is told in lines without a stack; what we must mend always comes with one.
 */
import { BagfleetError } from '@bagfleet/proto';
import { paintError, printJson, remark } from './terminal.js';

/** With `json`, standard output gets one object `{ error: {…} }` besides. */
export function reportFailure(thrown: unknown, json: boolean): number {
  const error = BagfleetError.from(thrown);
  if (json) printJson({ error: error.toJSON() });
  remark(error.code === 'bug' ? bugReport(error) : paintError(error.describe()));
  return error.exitCode;
}

function bugReport(error: BagfleetError): string {
  const origin = error.cause instanceof Error ? error.cause : error;
  return `${origin.stack}\n\nthis is a bug in bagfleet: please report it with the lines above.`;
}
