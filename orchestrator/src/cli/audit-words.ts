/**
 * An audit's result for people.
 * In: a result. Out: sentences if all is well; an error that names each finding if not.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { AuditResult, SkippedBag } from '../audit/audit-result.js';
import { countWords } from './words.js';

/** A wrong ledger of a large dataset can have thousands. */
const PROBLEMS_SHOWN = 20;

export function auditWords(result: AuditResult): string[] {
  const { bags, epochs, unfinished, skipped } = result;
  if (result.steps === 0) return ['no step is recorded yet'];
  const each = `every one of the ${countWords(bags, 'training bag')} counted exactly once in`;
  const rest = unfinished
    ? `epoch ${unfinished.epoch} is not complete: ${countWords(unfinished.steps, 'step')} with ${countWords(unfinished.counted, 'bag')}, none twice`
    : null;
  const first = epochs === 0 ? rest : `${each} ${epochs === 1 ? 'epoch 1' : `each of ${epochs} epochs`}`;
  return [
    `${first} (${effortWords(result)})`,
    ...skipped.map(skipWords),
    ...(epochs > 0 && rest ? [rest] : []),
  ];
}

/** Of a result that is not ok. */
export function ledgerWrong(run: string, { problems }: AuditResult): BagfleetError {
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ message }) => `  - ${message}`);
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`  - and ${more} more`);
  const head = `its ledger does not hold, with ${countWords(problems.length, 'finding')}:`;
  return new BagfleetError('ledger-wrong', [head, ...shown].join('\n'), {
    culprit: `run ${run}`,
    hint: 'Do not use its checkpoints before this is understood; --json gives all findings.',
  });
}

function effortWords({ steps, redone, generations, workers }: AuditResult): string {
  return [
    countWords(steps, 'step'),
    ...(redone > 0 ? [`${redone} done again`] : []),
    countWords(generations, 'generation'),
    countWords(workers.length, 'worker'),
  ].join(', ');
}

function skipWords({ bag, epoch, step }: SkippedBag): string {
  return `but for bag ${bag}, which is poisoned: left out from step ${step} of epoch ${epoch} on`;
}
