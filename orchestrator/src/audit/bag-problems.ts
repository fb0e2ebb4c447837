/**
 * What can be wrong with a bag, in words: each finding names the bag, the epoch, the step and the worker.
 */
import type { LedgerRow } from '@bagfleet/proto';
import type { AuditProblem, SkippedBag } from './audit-result.js';

/** Where a bag counted. */
export interface Sighting {
  readonly step: number;
  readonly worker: string;
}

export function missingBag(epoch: number, bag: string, counted: number, due: number): AuditProblem {
  const message =
    counted === 0
      ? `bag ${bag} did not count in epoch ${epoch}${due === 1 ? '' : `, in which it is due ${times(due)}`}`
      : `bag ${bag} counted ${times(counted)} in epoch ${epoch}, in which it is due ${times(due)}`;
  return { code: 'bag-missing', epoch, bag, message };
}

/** `seen` has more places than are due. */
export function countedTooOften(
  epoch: number,
  bag: string,
  seen: readonly Sighting[],
  due: number,
): AuditProblem {
  const places = seen.map(({ step, worker }) => `in step ${step} by ${worker}`).join(', ');
  const instead = due === 1 ? '' : ` instead of ${times(due)}`;
  const message = `bag ${bag} counted ${times(seen.length)}${instead} in epoch ${epoch}: ${places}`;
  return { code: 'bag-twice', epoch, step: seen[due].step, bag, message };
}

function times(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${count} times`;
}

export function foreignBag(row: LedgerRow, bag: string, what: 'counted' | 'was left out'): AuditProblem {
  const message = `bag ${bag} ${what} in ${placeOf(row)}, but it is no training bag`;
  return { code: 'bag-foreign', epoch: row.epoch, step: row.step, bag, message };
}

export function countedAfterSkip(row: LedgerRow, bag: string, since: SkippedBag): AuditProblem {
  const message = `bag ${bag} counted in ${placeOf(row)}, but it is left out since ${placeOf(since)}`;
  return { code: 'bag-after-skip', epoch: row.epoch, step: row.step, bag, message };
}

export function countedAndSkipped(row: LedgerRow, bag: string, counted: Sighting): AuditProblem {
  const message = `${placeOf(row)} left out bag ${bag}, but it counted in step ${counted.step} by ${counted.worker}`;
  return { code: 'bag-counted-and-skipped', epoch: row.epoch, step: row.step, bag, message };
}

export function forbiddenSkip({ bag, epoch, step }: SkippedBag): AuditProblem {
  const message = `bag ${bag} was left out in ${placeOf({ epoch, step })}, but train.poisonedBags is fail`;
  return { code: 'skip-not-allowed', epoch, step, bag, message };
}

export function unrecordedSkip(epoch: number, bag: string): AuditProblem {
  const message = `bag ${bag} is left out by the checkpoint after epoch ${epoch}, but no step says so`;
  return { code: 'skip-not-recorded', epoch, bag, message };
}

function placeOf({ epoch, step }: Pick<LedgerRow, 'epoch' | 'step'>): string {
  return `step ${step} of epoch ${epoch}`;
}
