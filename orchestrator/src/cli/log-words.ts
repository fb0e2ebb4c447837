/**
 * A line of a worker's log as people read it. Pure.
 * In: the line, plain or JSON (workers in pods). Out: the lines to print, a stack below what it belongs to.
 */
import { parseLogLine } from '@bagfleet/proto';

export function logWords(line: string, withTime: boolean): string[] {
  const parsed = parseLogLine(line);
  if (!parsed) return [line];
  const stack = (parsed.error ?? '').split('\n').filter((place) => /^\s+at /.test(place));
  const time = withTime ? `${parsed.time} ` : '';
  return [...parsed.message.split('\n'), ...stack].map((words) => `${time}${words}`);
}
