/**
 * Bags that can't be read, told all at once.
 * In: what a scan found wrong. Out: nothing where all is well; else one error that lists the first of them.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { BadBag } from './scan-bags.js';

const MOST_LISTED = 20;

/** One bad bag is told by its own error, several by one `manifest-invalid`. */
export function refuseBadBags(bad: readonly BadBag[], folder: string): void {
  if (bad.length === 0) return;
  if (bad.length === 1) throw bad[0].error;
  const listed = bad.slice(0, MOST_LISTED).map(({ error }) => `  ${error.culprit}: ${error.message}`);
  const more = bad.length > MOST_LISTED ? [`  … and ${bad.length - MOST_LISTED} more`] : [];
  throw new BagfleetError(
    'manifest-invalid',
    [`${bad.length} bags can't be read:`, ...listed, ...more].join('\n'),
    { culprit: folder, hint: 'Make them again; or leave them out: --skip-bad.' },
  );
}
