/**
 * Which row of each step holds.
 * In: all rows of a ledger, in any order. Out: one row per (epoch, step), sorted: that of the newest generation;
 * how many it replaced; steps that one generation tells in two ways.
 *
 * Every member tells the same row, so an equal row is no second step. A step that is done again is done by a
 * newer generation, and its row replaces the older one.
 */
import type { LedgerRow } from '@bagfleet/proto';
import type { AuditProblem } from './audit-result.js';

export interface FinalRows {
  readonly rows: readonly LedgerRow[];
  readonly replaced: number;
  readonly problems: readonly AuditProblem[];
}

export function finalRows(all: readonly LedgerRow[]): FinalRows {
  const rows: LedgerRow[] = [];
  const problems: AuditProblem[] = [];
  let replaced = 0;
  for (const told of byStep(all).values()) {
    const versions = told.sort(byGeneration);
    rows.push(versions[versions.length - 1]);
    for (let i = 1; i < versions.length; i++)
      if (byGeneration(versions[i - 1], versions[i]) === 0) problems.push(doubled(versions[i]));
      else replaced++;
  }
  return { rows: rows.sort((a, b) => a.epoch - b.epoch || a.step - b.step), replaced, problems };
}

/** The different rows of each step. */
function byStep(all: readonly LedgerRow[]): Map<string, LedgerRow[]> {
  const different = new Map(all.map((row) => [JSON.stringify(row), row]));
  const steps = new Map<string, LedgerRow[]>();
  for (const row of different.values()) {
    const key = `${row.epoch}/${row.step}`;
    steps.set(key, [...(steps.get(key) ?? []), row]);
  }
  return steps;
}

/** Generations of a later coordinator come after all of an earlier one. */
function byGeneration({ generation: a }: LedgerRow, { generation: b }: LedgerRow): number {
  return a.lease - b.lease || a.number - b.number;
}

function doubled({ epoch, step, generation: { lease, number } }: LedgerRow): AuditProblem {
  const message = `step ${step} of epoch ${epoch} is told in two ways by generation ${lease}.${number}`;
  return { code: 'step-doubled', epoch, step, message };
}
