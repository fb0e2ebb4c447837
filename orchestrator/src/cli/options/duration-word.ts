/**
 * A length of time on the command line.
 * In: `15s`, `500ms`, `2m`, `1.5h`, and the flag that it was given to. Out: milliseconds.
 */
import { BagfleetError } from '@bagfleet/proto';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Node's timers hold no more than 2^31 - 1 ms, some 24 days. */
const LONGEST_MS = 7 * 24 * 3_600_000;

export function parseDuration(text: string, flag: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(`${text}`.trim());
  const milliseconds = parts ? Number(parts[1]) * UNITS[parts[2]] : Number.NaN;
  if (milliseconds >= 1 && milliseconds <= LONGEST_MS) return milliseconds;
  const problem = Number.isNaN(milliseconds)
    ? 'must be a time with its unit, such as 500ms, 15s, 2m or 1h'
    : 'must be from 1ms to 168h';
  throw new BagfleetError('usage', `${problem}, but ${JSON.stringify(text)} was given`, { culprit: flag });
}
