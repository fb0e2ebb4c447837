/**
 * How the colours of each tile of a bag are shifted in one visit. In: how many tiles, data.augment.colorJitter, the
 * visit. Out: a shift per tile. Factors and order are drawn as torchvision's ColorJitter draws them; what is 0 in the
 * job is not applied.
 */
import type { ColorJitterSpec } from '@bagfleet/proto/augment-spec';
import { rngOf, type Visit } from '../visit.js';
import type { ColorShift } from './jitter-colors.js';

const ALL = ['brightness', 'contrast', 'saturation', 'hue'] as const;
/** Numbers of a tile: four amounts and four places in the order. */
const DRAWS = 2 * ALL.length;

export function drawShifts(count: number, spec: ColorJitterSpec, visit: Visit): ColorShift[] {
  const draws = rngOf(visit, 'color').uniform(DRAWS * count); // [count, 8]
  return Array.from({ length: count }, (_, tile) => {
    const [brightness, contrast, saturation, hue, ...places] = draws.subarray(
      DRAWS * tile,
      DRAWS * (tile + 1),
    );
    return {
      brightness: factor(spec.brightness, brightness),
      contrast: factor(spec.contrast, contrast),
      saturation: factor(spec.saturation, saturation),
      hue: spec.hue * (2 * hue - 1),
      order: ALL.map((what, i) => ({ what, place: places[i] }))
        .filter(({ what }) => spec[what] > 0)
        .sort((a, b) => a.place - b.place)
        .map(({ what }) => what),
    };
  });
}

/** Uniform in [max(0, 1 - width), 1 + width]. */
function factor(width: number, draw: number): number {
  const least = Math.max(0, 1 - width);
  return least + draw * (1 + width - least);
}
