/**
 * One epoch's books: each entry of its order once (I1), which is each training bag once, unless the job draws them.
 * In: the epoch's rows in step order, how often each training bag is due, those left out before. Out: problems, and
 * bags that are left out from here on. An epoch that is not complete may lack bags; too often they may not count in it
 * either.
 */
import type { LedgerRow } from '@bagfleet/proto';
import type { AuditProblem, SkippedBag } from './audit-result.js';
import { workerOfRank } from './audit-row.js';
import {
  countedAfterSkip,
  countedAndSkipped,
  countedTooOften,
  foreignBag,
  missingBag,
  type Sighting,
} from './bag-problems.js';

export interface EpochBooks {
  readonly epoch: number;
  readonly rows: readonly LedgerRow[];
  /** Times that each training bag is due, by its id; may be 0 in an epoch that is drawn. */
  readonly due: ReadonlyMap<string, number>;
  /** Left out in earlier epochs, by bag id. */
  readonly skippedBefore: ReadonlyMap<string, SkippedBag>;
  readonly isComplete: boolean;
  /** Largest number of bags of a step. */
  readonly batch: number;
  /** Steps that a checkpoint says were applied, whether or not the epoch is complete. */
  readonly leastSteps: number;
}

export interface EpochFindings {
  readonly problems: readonly AuditProblem[];
  readonly skipped: readonly SkippedBag[];
}

export function auditEpoch(books: EpochBooks): EpochFindings {
  if (books.rows.length === 0) return { problems: emptyEpoch(books), skipped: [] };
  const skipped = new Map(books.skippedBefore);
  const sightings = new Map<string, Sighting[]>();
  const problems = books.rows.flatMap((row) => [
    ...countBags(row, books.due, sightings, skipped),
    ...skipBags(row, books.due, sightings, skipped),
  ]);
  for (const [bag, seen] of sightings) {
    const due = books.due.get(bag) ?? 0;
    if (books.due.has(bag) && seen.length > due) problems.push(countedTooOften(books.epoch, bag, seen, due));
  }
  if (books.isComplete)
    for (const [bag, due] of books.due) {
      const counted = sightings.get(bag)?.length ?? 0;
      if (counted < due && !skipped.has(bag)) problems.push(missingBag(books.epoch, bag, counted, due));
    }
  return {
    problems: [...missingSteps(books, skipped), ...problems],
    skipped: [...skipped.values()].filter(({ bag }) => !books.skippedBefore.has(bag)),
  };
}

/** Notes where the row's bags counted. */
function countBags(
  row: LedgerRow,
  due: ReadonlyMap<string, number>,
  sightings: Map<string, Sighting[]>,
  skipped: ReadonlyMap<string, SkippedBag>,
): AuditProblem[] {
  const problems: AuditProblem[] = [];
  for (const [, bag, rank] of row.counted) {
    if (!due.has(bag)) problems.push(foreignBag(row, bag, 'counted'));
    const since = skipped.get(bag);
    if (since) problems.push(countedAfterSkip(row, bag, since));
    const sighting = { step: row.step, worker: workerOfRank(row, rank) };
    sightings.set(bag, [...(sightings.get(bag) ?? []), sighting]);
  }
  return problems;
}

/** Notes which bags are left out from this row on; later epochs may say it again. */
function skipBags(
  row: LedgerRow,
  due: ReadonlyMap<string, number>,
  sightings: ReadonlyMap<string, readonly Sighting[]>,
  skipped: Map<string, SkippedBag>,
): AuditProblem[] {
  const problems: AuditProblem[] = [];
  for (const bag of row.skipped) {
    if (!due.has(bag)) problems.push(foreignBag(row, bag, 'was left out'));
    if (skipped.has(bag)) continue;
    const counted = sightings.get(bag)?.at(-1);
    const mayHaveCounted = (due.get(bag) ?? 0) > 1 && counted?.step !== row.step;
    if (counted && !mayHaveCounted) problems.push(countedAndSkipped(row, bag, counted));
    skipped.set(bag, { bag, epoch: row.epoch, step: row.step });
  }
  return problems;
}

/**
 * Steps are numbered from 1 without a gap, and no step has more bags than the batch: so many there must be at
 * least, wherever the bags that are left out would have been.
 */
function missingSteps(
  { epoch, rows, due, isComplete, batch, leastSteps }: EpochBooks,
  skipped: ReadonlyMap<string, SkippedBag>,
) {
  const present = new Set(rows.map((row) => row.step));
  const entries = [...due].reduce((sum, [bag, times]) => sum + (skipped.has(bag) ? 0 : times), 0);
  const needed = isComplete ? Math.ceil(entries / batch) : 0;
  const last = Math.max(...present, needed, leastSteps);
  const missing = Array.from({ length: last }, (_, index) => index + 1).filter((step) => !present.has(step));
  return missing.map((step): AuditProblem => {
    const message = `step ${step} of epoch ${epoch} has no row`;
    return { code: 'step-missing', epoch, step, message };
  });
}

function emptyEpoch({ epoch, isComplete, leastSteps }: EpochBooks): AuditProblem[] {
  if (!isComplete && leastSteps === 0) return [];
  return [{ code: 'epoch-missing', epoch, message: `epoch ${epoch} has no rows at all` }];
}
