/**
 * The views of a bag's tiles in one visit. In: how many, sizes, what may vary, the visit. Out: a view per tile.
 */
import type { AugmentSpec } from '@bagfleet/proto/augment-spec';
import { rngOf, type Visit } from '../visit.js';
import type { TileSize, TileView } from './tile-view.js';

export function drawViews(
  count: number,
  tile: TileSize,
  seen: TileSize,
  { flips, quarterRotations }: Pick<AugmentSpec, 'flips' | 'quarterRotations'>,
  visit: Visit,
): TileView[] {
  const places = rngOf(visit, 'crop').uniform(2 * count); // [count, 2]
  const bits = rngOf(visit, 'orientation').uint32(count); // [count]
  return Array.from({ length: count }, (_, i) => ({
    top: Math.floor(places[2 * i] * (tile.height - seen.height + 1)),
    left: Math.floor(places[2 * i + 1] * (tile.width - seen.width + 1)),
    turns: quarterRotations ? bits[i] >>> 30 : 0,
    mirrored: flips && ((bits[i] >>> 29) & 1) === 1,
    flipped: flips && ((bits[i] >>> 28) & 1) === 1,
  }));
}

/** What validation and prediction see. The middle is rounded as torchvision's CenterCrop does: half to even. */
export function centreView(tile: TileSize, seen: TileSize): TileView {
  return {
    top: halfToEven(tile.height - seen.height),
    left: halfToEven(tile.width - seen.width),
    ...{ turns: 0, mirrored: false, flipped: false },
  };
}

function halfToEven(spare: number): number {
  return spare % 2 === 0 ? spare / 2 : 2 * Math.round(spare / 4);
}
