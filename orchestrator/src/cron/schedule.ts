/**
 * When a cron's nights are due, as Kubernetes reads a schedule.
 * In: five fields or a macro such as @daily, a time zone. Out: the scheduled times; an error that names the flag.
 */
import { BagfleetError } from '@bagfleet/proto';
import { Cron as CronExpression } from 'croner';

const MACROS = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/;
/** What Kubernetes takes in a field: no L, W or #, and of words only names of months and days. */
const FIELD =
  /^(\*|\?|[\d*,/-]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)+$/i;
const MINUTE_MS = 60_000;

export interface Schedule {
  readonly schedule: string;
  readonly timeZone: string;
}

/** Throws `usage` for what Kubernetes would refuse or read otherwise. */
export function checkSchedule({ schedule, timeZone }: Schedule): void {
  const fields = schedule.trim().split(/\s+/);
  const culprit = `--schedule ${JSON.stringify(schedule)}`;
  const hint = 'Five fields: minute, hour, day of month, month, day of week (0 to 6), such as "0 2 * * *".';
  if (!MACROS.test(schedule) && (fields.length !== 5 || !fields.every((field) => FIELD.test(field))))
    throw new BagfleetError('usage', 'is no schedule', { culprit, hint });
  if (/7/.test(fields[4] ?? ''))
    throw new BagfleetError('usage', 'has a day of week 7', { culprit, hint: 'Sunday is 0.' });
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new BagfleetError('usage', 'is no time zone', {
      culprit: `--time-zone ${timeZone}`,
      hint: 'Write a name of the tz database, such as Europe/Madrid or Etc/UTC.',
    });
  }
  try {
    if (nextTime({ schedule, timeZone }, new Date())) return;
  } catch (cause) {
    throw new BagfleetError('usage', `is no schedule (${(cause as Error).message})`, {
      culprit,
      hint,
      cause,
    });
  }
  throw new BagfleetError('usage', 'never comes', { culprit, hint });
}

/** The first time after `after`; null if there is none. */
export function nextTime(schedule: Schedule, after: Date): Date | null {
  return times(schedule, after).next().value ?? null;
}

/** Scheduled times from `after` (without it) to `until` (with it), at most `limit`. */
export function scheduledTimes(schedule: Schedule, after: Date, until: Date, limit: number): Date[] {
  const found: Date[] = [];
  for (const at of times(schedule, after)) {
    if (at > until || found.length === limit) break;
    found.push(at);
  }
  return found;
}

/**
 * A local time that the clocks leave out has no night, as in Kubernetes; the library moves it to the next hour,
 * which does not match then.
 */
function* times({ schedule, timeZone }: Schedule, after: Date): Generator<Date, undefined> {
  const expression = new CronExpression(schedule, { timezone: timeZone, paused: true });
  let from = new Date(Math.floor(after.getTime() / MINUTE_MS) * MINUTE_MS);
  for (;;) {
    const next = expression.nextRun(from);
    if (!next) return undefined;
    from = next;
    if (next > after && expression.match(next)) yield next;
  }
}
