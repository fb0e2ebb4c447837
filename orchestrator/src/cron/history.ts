/**
 * What became of each night, also of those that never began. Pure.
 * In: the cron (null once it is deleted), its records, the time. Out: rows, oldest first: a record, or scheduled times in a row at which
 * nothing is recorded, with the reason as far as it can be known.
 */
import type { Clock, Cron, Night } from '@bagfleet/proto';
import { scheduledTimes } from './schedule.js';

export type HistoryRow =
  | { readonly kind: 'night'; readonly at: string; readonly night: Night }
  | {
      readonly kind: 'without-record';
      /** The first and the last of them. */
      readonly at: string;
      readonly until: string;
      readonly count: number;
      readonly why: string;
    };

type Absence = Extract<HistoryRow, { kind: 'without-record' }>;

/** So far back are they derived, counted in the shortest time between two of them. A week has some 10 000 minutes. */
const MOST_TIMES = 10_000;
/** Times that are looked at for the shortest one between them. */
const SAMPLE = 50;

export function historyOf(cron: Cron | null, nights: readonly Night[], now: Date): HistoryRow[] {
  const recorded = new Set(nights.map(({ scheduledAt }) => Date.parse(scheduledAt)));
  const due = cron ? dueTimes(cron, now).filter((at) => !recorded.has(at.getTime())) : [];
  const absences = due.map((at): Absence => {
    const moment = at.toISOString();
    return {
      kind: 'without-record',
      at: moment,
      until: moment,
      count: 1,
      why: whyAbsent(cron?.pauses ?? [], nights, at),
    };
  });
  const rows: HistoryRow[] = nights.map((night) => ({ kind: 'night', at: night.scheduledAt, night }));
  return collapsed([...rows, ...absences].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)));
}

/** Times that are past the deadline until which a night may still begin. */
function dueTimes({ clocks, startingDeadline }: Cron, now: Date): Date[] {
  const end = new Date(now.getTime() - startingDeadline * 1000);
  return clocks.flatMap((clock, place) => timesOf(clock, clocks[place + 1], end));
}

function timesOf(clock: Clock, next: Clock | undefined, end: Date): Date[] {
  const until = next && Date.parse(next.since) < end.getTime() ? new Date(next.since) : end;
  const since = Math.max(Date.parse(clock.since), until.getTime() - MOST_TIMES * shortestGap(clock, until));
  return scheduledTimes(clock, new Date(since), until, Number.POSITIVE_INFINITY);
}

function shortestGap(clock: Clock, from: Date): number {
  const never = new Date(8.64e15);
  const times = scheduledTimes(clock, from, never, SAMPLE).map((at) => at.getTime());
  return Math.min(...times.slice(1).map((at, place) => at - times[place]));
}

function whyAbsent(pauses: Cron['pauses'], nights: readonly Night[], at: Date): string {
  const moment = at.getTime();
  const paused = pauses.some(
    ({ from, to }) => Date.parse(from) <= moment && (to === null || moment < Date.parse(to)),
  );
  if (paused) return 'the cron was suspended';
  const going = nights.find(
    ({ startedAt, endedAt }) =>
      Date.parse(startedAt) <= moment && endedAt !== null && moment < Date.parse(endedAt),
  );
  if (going) return `the night ${going.key} was still going`;
  const open = nights.findLast(
    ({ startedAt, endedAt }) => endedAt === null && Date.parse(startedAt) <= moment,
  );
  if (open && nights.at(-1) === open) return `the night ${open.key} had not come to its end`;
  return 'missed: nothing began it before its deadline';
}

/** Absences in a row for the same reason are one row. */
function collapsed(rows: readonly HistoryRow[]): HistoryRow[] {
  return rows.reduce<HistoryRow[]>((all, row) => {
    const last = all.at(-1);
    if (row.kind === 'without-record' && last?.kind === 'without-record' && last.why === row.why)
      all[all.length - 1] = { ...last, until: row.until, count: last.count + 1 };
    else all.push(row);
    return all;
  }, []);
}
