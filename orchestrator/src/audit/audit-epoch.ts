/**
 * One epoch's books: each training bag once (I1).
 * In: the epoch's rows in step order, the training bags, those left out before. Out: problems, and bags that are
 * left out from here on. An epoch that is not complete may lack bags; twice they may not count in it either.
 */
import type { LedgerRow } from '@bagfleet/proto';
import type { AuditProblem, SkippedBag } from './audit-result.js';
import { workerOfRank } from './audit-row.js';
import {
  countedAfterSkip,
  countedAndSkipped,
  doubledBag,
  foreignBag,
  missingBag,
  type Sighting,
} from './bag-problems.js';

export interface EpochBooks {
  readonly epoch: number;
  readonly rows: readonly LedgerRow[];
  readonly training: ReadonlySet<string>;
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
    ...countBags(row, books.training, sightings, skipped),
    ...skipBags(row, books.training, sightings, skipped),
  ]);
  for (const [bag, seen] of sightings) if (seen.length > 1) problems.push(doubledBag(books.epoch, bag, seen));
  if (books.isComplete)
    for (const bag of books.training)
      if (!sightings.has(bag) && !skipped.has(bag)) problems.push(missingBag(books.epoch, bag));
  return {
    problems: [...missingSteps(books, skipped.size), ...problems],
    skipped: [...skipped.values()].filter(({ bag }) => !books.skippedBefore.has(bag)),
  };
}

/** Notes where the row's bags counted. */
function countBags(
  row: LedgerRow,
  training: ReadonlySet<string>,
  sightings: Map<string, Sighting[]>,
  skipped: ReadonlyMap<string, SkippedBag>,
): AuditProblem[] {
  const problems: AuditProblem[] = [];
  for (const [, bag, rank] of row.counted) {
    if (!training.has(bag)) problems.push(foreignBag(row, bag, 'counted'));
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
  training: ReadonlySet<string>,
  sightings: ReadonlyMap<string, readonly Sighting[]>,
  skipped: Map<string, SkippedBag>,
): AuditProblem[] {
  const problems: AuditProblem[] = [];
  for (const bag of row.skipped) {
    if (!training.has(bag)) problems.push(foreignBag(row, bag, 'was left out'));
    if (skipped.has(bag)) continue;
    const counted = sightings.get(bag)?.[0];
    if (counted) problems.push(countedAndSkipped(row, bag, counted));
    skipped.set(bag, { bag, epoch: row.epoch, step: row.step });
  }
  return problems;
}

/**
 * Steps are numbered from 1 without a gap, and no step has more bags than the batch: so many there must be at
 * least, wherever the bags that are left out would have been.
 */
function missingSteps({ epoch, rows, training, isComplete, batch, leastSteps }: EpochBooks, skipped: number) {
  const present = new Set(rows.map((row) => row.step));
  const needed = isComplete ? Math.ceil((training.size - skipped) / batch) : 0;
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
