/**
 * All layouts, and which of them a folder has: the first that claims it.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { clamLayout } from './clam.js';
import type { FoundObject, Layout } from './layout.js';
import { plainLayout } from './plain.js';
import { tilesLayout } from './tiles.js';
import { torchmilLayout } from './torchmil.js';
import { tridentLayout } from './trident.js';

export const LAYOUTS: readonly Layout[] = [
  tridentLayout,
  clamLayout,
  torchmilLayout,
  tilesLayout,
  plainLayout,
];

/** The one of that name, or the one that the listing shows. */
export function layoutOf(objects: readonly FoundObject[], asked: string | undefined): Layout {
  const layout =
    asked === undefined
      ? LAYOUTS.find((known) => known.claims(objects))
      : LAYOUTS.find(({ name }) => name === asked);
  if (layout) return layout;
  throw new BagfleetError('usage', 'there is no such layout', {
    culprit: `--layout ${asked}`,
    hint: `Known are ${LAYOUTS.map(({ name }) => name).join(', ')}.`,
  });
}
