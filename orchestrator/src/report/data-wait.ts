/**
 * How much of a run's time its compute threads waited for bags.
 * In: what each worker did in each step. Out: shares of the steps' time, of all and of each worker; null if no step
 * says how long it took (runs of older versions).
 */
import type { WorkRow } from '@bagfleet/proto';

export interface DataWaitShares {
  /** 0 … 1. */
  readonly all: number;
  readonly workers: Readonly<Record<string, number>>;
}

export function dataWaitShares(rows: readonly WorkRow[]): DataWaitShares | null {
  const all = shareOf(rows);
  if (all === null) return null;
  const names = [...new Set(rows.map(({ worker }) => worker))].sort();
  const workers = names.map((name) => [name, shareOf(rows.filter(({ worker }) => worker === name)) ?? 0]);
  return { all, workers: Object.fromEntries(workers) as Record<string, number> };
}

/** `waited for data 2.6% of the time (w0 2.8%, w1 2.4%)` */
export function dataWaitLine({ all, workers }: DataWaitShares): string {
  const own = Object.entries(workers).map(([name, share]) => `${name} ${percent(share)}`);
  const each = own.length > 1 && own.length <= 8 ? ` (${own.join(', ')})` : '';
  return `waited for data ${percent(all)} of the time${each}`;
}

function shareOf(rows: readonly WorkRow[]): number | null {
  const stepMs = rows.reduce((sum, row) => sum + row.stepMs, 0);
  return stepMs > 0 ? rows.reduce((sum, row) => sum + row.dataWaitMs, 0) / stepMs : null;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
