/** New bags are made like the old ones. In: both shapes, the new bags. Out: nothing, or an error that names one. */
import { bagError } from '@bagfleet/worker/data/bag-file';
import type { FoundBag } from '../datasets/layouts/layout.js';

export function refuseOtherShape(
  found: readonly number[],
  expected: readonly number[],
  bags: readonly FoundBag[],
): void {
  if (bags.length === 0 || found.join() === expected.join()) return;
  const [{ id, key }] = bags;
  throw bagError(
    'bag-width',
    { bag: id, file: key },
    `its instances are [${found.join(', ')}], those that the cron was made with [${expected.join(', ')}]`,
    'Make its features with the extractor or tiler of the other bags.',
  );
}
