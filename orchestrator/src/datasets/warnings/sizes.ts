/** Bags of one instance, and bags that are far larger than the others. */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { idsOf, listed, type Warning } from './warning.js';

/** Slides differ by the size of the tissue; this is beyond that. */
const FAR_LARGER = 50;

export function sizeWarnings(bags: readonly BagEntry[]): Warning[] {
  const sizes = bags.map(({ instances }) => instances).sort((a, b) => a - b);
  const median = sizes[(sizes.length - 1) >> 1];
  const single = median > 1 ? bags.filter(({ instances }) => instances === 1) : [];
  const huge = bags.filter(({ instances }) => instances > FAR_LARGER * median);
  const warnings: Warning[] = [];
  if (single.length > 0)
    warnings.push({
      code: 'bag-small',
      message: `${listed(single)} ${single.length === 1 ? 'has' : 'have'} one instance only`,
      bags: idsOf(single),
      hint: 'Was the slide scanned and its tissue found?',
    });
  if (huge.length > 0)
    warnings.push({
      code: 'bag-large',
      message: `${listed(huge)} ${huge.length === 1 ? 'has' : 'have'} more than ${FAR_LARGER} times as many instances as most bags`,
      bags: idsOf(huge),
      hint: 'Are they tiled at the same magnification? data.sampler limits what a step sees of them.',
    });
  return warnings;
}
