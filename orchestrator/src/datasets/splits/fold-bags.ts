/**
 * The fold of each bag for a cross-validation.
 * In: bags with label and patient, the number of folds. Out: a fold per bag, 0 … folds-1: each fold has its share of each
 * class, no patient lies in two, and it is the same for the same seed.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { type StratifiedBag, stratify } from './stratify.js';

export function foldBags(
  bags: readonly StratifiedBag[],
  folds: number,
  seed: number,
): ReadonlyMap<string, number> {
  if (!Number.isInteger(folds) || folds < 2)
    throw refused(folds, 'it is no number of folds', 'A cross-validation has two at least: --folds 5.');
  const places = stratify(bags, new Array<number>(folds).fill(1 / folds), seed, 'fold');
  if (new Set(places.values()).size === folds) return places;
  throw refused(
    folds,
    'some folds would be empty',
    'Bags of one patient stay together: ask for at most as many folds as there are patients.',
  );
}

function refused(folds: number, message: string, hint: string): BagfleetError {
  return new BagfleetError('usage', message, { culprit: `--folds ${folds}`, hint });
}
