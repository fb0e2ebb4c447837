/**
 * What the ranks of bench/torchrun/train.py say that they reached.
 * In: the folder of their logs, rank-0.jsonl and so on; each `read` takes what has been appended since.
 * Out: all marks so far; and what a kill cost, as a pure function of them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a worker reaches on its way from its first line of Python to its first step, in this order. */
export const PHASES = ['began', 'imported', 'joined', 'built', 'loaded', 'step'] as const;

export interface Mark {
  readonly event: (typeof PHASES)[number];
  /** Steps that the rank's model holds. */
  readonly step: number;
  /** How often torchrun had restarted its workers by then. */
  readonly restart: number;
  readonly rank: number;
  readonly pid: number;
  /** Seconds on the monotonic clock. */
  readonly at: number;
}

export interface Recovery {
  /** From the kill until every rank has applied a step again. */
  readonly seconds: number;
  /** From the kill until every rank has applied a step that none had applied before it. */
  readonly secondsToNewStep: number;
  /** Steps that had been applied and were computed again. */
  readonly stepsLost: number;
  /** From the kill until the last rank reached each phase. */
  readonly phases: Readonly<Record<string, number>>;
}

export class RankLogs {
  readonly marks: Mark[] = [];
  private readonly seen: number[];

  constructor(
    private readonly folder: string,
    readonly ranks: number,
  ) {
    this.seen = Array.from({ length: ranks }, () => 0);
  }

  read(): void {
    for (let rank = 0; rank < this.ranks; rank++) {
      const path = join(this.folder, `rank-${rank}.jsonl`);
      if (!existsSync(path)) continue;
      const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1); // the last one may be half written
      for (const line of lines.slice(this.seen[rank])) this.marks.push({ ...JSON.parse(line), rank });
      this.seen[rank] = lines.length;
    }
  }
}

/** The latest start in which all ranks have applied a step; undefined when there is none after `after`. */
export function goingStart(marks: readonly Mark[], ranks: number, after: number): number | undefined {
  const starts = new Set(marks.filter((mark) => mark.restart > after).map((mark) => mark.restart));
  return [...starts].sort((a, b) => b - a).find((start) => firstTimes(marks, start, 'step').size === ranks);
}

/** The lowest of the ranks' steps in a start: all have applied it. */
export function stepOfAll(marks: readonly Mark[], ranks: number, start: number): number {
  const latest = Array.from({ length: ranks }, () => 0);
  for (const { event, restart, rank, step } of marks)
    if (event === 'step' && restart === start) latest[rank] = Math.max(latest[rank], step);
  return Math.min(...latest);
}

/** Undefined until every rank has applied a step that is new. */
export function recoveryOf(
  marks: readonly Mark[],
  ranks: number,
  killed: { readonly start: number; readonly at: number },
): Recovery | undefined {
  const start = goingStart(marks, ranks, killed.start);
  if (start === undefined) return undefined;
  const reached = Math.max(...marks.filter((mark) => mark.restart < start).map((mark) => mark.step));
  const resumed = Math.max(
    ...marks.filter((m) => m.restart === start && m.event === 'loaded').map((m) => m.step),
  );
  const fresh = firstTimes(marks, start, 'step', reached + 1);
  if (fresh.size < ranks) return undefined;
  const since = (times: ReadonlyMap<number, number>) => Math.max(...times.values()) - killed.at;
  return {
    seconds: since(firstTimes(marks, start, 'step')),
    secondsToNewStep: since(fresh),
    stepsLost: reached - resumed,
    phases: Object.fromEntries(PHASES.map((phase) => [phase, since(firstTimes(marks, start, phase))])),
  };
}

/** Rank → when it first reached a phase in a start, at step `from` or later. */
function firstTimes(
  marks: readonly Mark[],
  start: number,
  event: Mark['event'],
  from = 0,
): Map<number, number> {
  const times = new Map<number, number>();
  for (const mark of marks)
    if (mark.restart === start && mark.event === event && mark.step >= from && !times.has(mark.rank))
      times.set(mark.rank, mark.at);
  return times;
}
