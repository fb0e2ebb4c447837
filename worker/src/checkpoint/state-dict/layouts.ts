/**
 * The layouts in which weights come and go: our own names, which are those of each model's source (docs/models.md), and
 * CLAM's.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { fromClam, toClam } from './clam-layout.js';
import type { StateDict } from './state-dict.js';

export const LAYOUTS = ['torchmil', 'clam'] as const;
export type Layout = (typeof LAYOUTS)[number];

const CLAM_MODELS = ['clam_sb', 'clam_mb'];

/** From a layout to our names. @throws BagfleetError `usage` for a model that the layout does not have */
export function fromLayout(layout: Layout, model: string, theirs: StateDict): StateDict {
  return isClam(layout, model) ? fromClam(theirs) : theirs;
}

/** From our names to a layout. @throws BagfleetError `usage` */
export function toLayout(layout: Layout, model: string, ours: StateDict): StateDict {
  return isClam(layout, model) ? toClam(ours) : ours;
}

function isClam(layout: Layout, model: string): boolean {
  if (layout !== 'clam') return false;
  if (CLAM_MODELS.includes(model)) return true;
  throw new BagfleetError('usage', `clam is the layout of ${CLAM_MODELS.join(' and ')}; this is ${model}`, {
    culprit: '--layout',
    hint: 'Leave it out: the names are those of the source of the model.',
  });
}
