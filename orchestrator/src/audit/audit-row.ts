/**
 * What a ledger row must fulfil by itself, whatever the other rows say.
 * In: a row and the workers that its generation was seen with. Out: problems.
 */
import type { LedgerRow } from '@bagfleet/proto';
import type { AuditProblem } from './audit-result.js';

export function auditRow(row: LedgerRow): AuditProblem[] {
  return [...weightProblems(row), ...rankProblems(row)];
}

/** The members of a generation never change: whoever leaves or comes begins a new one. */
export function auditGenerations(rows: readonly LedgerRow[]): AuditProblem[] {
  const members = new Map<string, string>();
  return rows.flatMap(({ epoch, step, generation, workers }) => {
    const name = generationName(generation);
    const known = members.get(name) ?? workers.join(', ');
    members.set(name, known);
    if (known === workers.join(', ')) return [];
    const message = `step ${step} of epoch ${epoch} has the workers ${workers.join(', ')} in generation ${name}, which had ${known}`;
    return [{ code: 'generation-changed' as const, epoch, step, message }];
  });
}

export function generationName({ lease, number }: LedgerRow['generation']): string {
  return `${lease}.${number}`;
}

/** Who computed it, for people; a rank that there is not is named as such. */
export function workerOfRank({ workers }: LedgerRow, rank: number): string {
  return workers[rank] ?? `rank ${rank}`;
}

/** A bag's weight is 1: the sum of the gradients is divided by how many there are. */
function weightProblems({ epoch, step, counted, weight }: LedgerRow): AuditProblem[] {
  if (weight === counted.length) return [];
  const message = `step ${step} of epoch ${epoch} was averaged by a weight of ${weight}, but ${counted.length} bags counted`;
  return [{ code: 'weight-wrong', epoch, step, message }];
}

function rankProblems({ epoch, step, counted, workers }: LedgerRow): AuditProblem[] {
  return counted.flatMap(([, bag, rank]) => {
    if (workers[rank] !== undefined) return [];
    const message = `bag ${bag} in step ${step} of epoch ${epoch} was computed by rank ${rank}, but there were ${workers.length} workers`;
    return [{ code: 'rank-outside' as const, epoch, step, bag, message }];
  });
}
