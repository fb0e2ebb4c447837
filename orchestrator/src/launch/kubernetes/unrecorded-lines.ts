/**
 * Which lines of an adopted pod are new, when its log is read again from about the last recorded line on. Pure.
 * In: that line; then the log's lines in order. Out: for each, is it new? Lines in JSON tell by their time, which is
 * another one for each; plain ones go with the JSON line before them.
 */
import { parseLogLine } from '@bagfleet/proto';

export function unrecordedLines(last: string | null): (line: string) => boolean {
  const recordedUntil = parseLogLine(last ?? '')?.time ?? null;
  if (recordedUntil === null) return () => true;
  let isNew = false;
  return (line) => {
    const time = parseLogLine(line)?.time;
    if (time !== undefined) isNew = time > recordedUntil;
    return isNew;
  };
}
