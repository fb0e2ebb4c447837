/** Bags whose files are byte for byte the same. In: groups of them. Out: a warning per group. */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { acrossSplits } from './across-splits.js';
import { idsOf, listed, type Warning } from './warning.js';

export function sameContent(groups: readonly (readonly BagEntry[])[]): Warning[] {
  return groups.map((group) => {
    const isTorn = new Set(group.map(({ label }) => label)).size > 1;
    const labels = isTorn ? ', and different labels' : '';
    return {
      code: 'same-content',
      message: `${listed(group)} have the same content${labels}${acrossSplits(group)}`,
      bags: idsOf(group),
      hint: 'Keep one of them.',
    };
  });
}
