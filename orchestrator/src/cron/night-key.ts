/**
 * What a night is called: by its scheduled time, so that all attempts at it mean the same record and the same run.
 * In: the time, the cron. Out: the record's key, the run's id; the time back from a key or from a Job's name.
 */
import { createHash } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto';

/** 20261127T020000Z: sorts by time, and every store can keep it. */
export function nightKey(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** A key, or ISO 8601, to the second: what stands behind it is cut off. */
export function parseNight(text: string, culprit: string): Date {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const at = new Date(year === undefined ? text : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (/^\d{4}-?\d\d-?\d\dT/.test(text) && !Number.isNaN(at.getTime()))
    return new Date(Math.floor(at.getTime() / 1000) * 1000);
  throw new BagfleetError('usage', `${JSON.stringify(text)} is no time`, {
    culprit,
    hint: 'Write it as 2026-11-27T02:00:00Z, or as `bagfleet cron history` does.',
  });
}

/** Kubernetes names the Jobs of a CronJob NAME-MINUTES, minutes of their scheduled time since 1970. */
export function timeOfJobName(job: string): Date {
  const minutes = /-(\d{7,10})$/.exec(job)?.[1];
  if (minutes !== undefined) return new Date(Number(minutes) * 60_000);
  throw new BagfleetError('usage', 'does not end in the minutes of its scheduled time', {
    culprit: `Job ${job}`,
    hint: "Jobs of a CronJob do; set BAGFLEET_NIGHT to the night's time instead.",
  });
}

/** Looks like any run's id, and is the same for every attempt at the night. */
export function runOfNight(cron: string, key: string): string {
  const stamp = key.slice(0, -1).replace('T', '-');
  const mark = createHash('sha256').update(`${cron}/${key}`).digest('hex').slice(0, 4);
  return `${cron}-${stamp}-${mark}`;
}
