/** What it means that bags which belong together lie in several splits; nothing if they don't. */
import { type BagEntry, SPLITS } from '@bagfleet/proto/dataset-manifest';

export function acrossSplits(bags: readonly BagEntry[]): string {
  const splits = SPLITS.filter((split) => bags.some((bag) => bag.split === split));
  return splits.length > 1 ? `, but lie in ${splits.join(' and ')}: scores will be too good` : '';
}
