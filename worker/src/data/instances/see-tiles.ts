/**
 * Tiles as a model sees them in one visit: cropped, turned, mirrored, recoloured.
 * In: the bag, which of its tiles, sizes, what may vary, the visit (null: the centre, as it is). Out: float32 tiles.
 */
import type { AugmentSpec } from '@bagfleet/proto/augment-spec';
import { BagfleetError } from '@bagfleet/proto/errors';
import { drawShifts } from './augment/draw-shifts.js';
import { centreView, drawViews } from './augment/draw-views.js';
import { jitterColors } from './augment/jitter-colors.js';
import { seeTile } from './augment/tile-view.js';
import type { InstanceRules } from './instance-rules.js';
import type { SampledBag } from './samplers/sampler.js';
import { toFloat32 } from './to-float32.js';
import type { Visit } from './visit.js';

export function seeTiles(
  bag: SampledBag,
  chosen: Uint32Array | null,
  { stored, seen }: NonNullable<InstanceRules['tiles']>,
  augment: AugmentSpec,
  visit: Visit | null,
): Float32Array {
  const count = chosen?.length ?? bag.instances;
  const centre = centreView(stored, seen);
  const views = visit && drawViews(count, stored, seen, augment, visit);
  const shifts = visit && augment.colorJitter && drawShifts(count, augment.colorJitter, visit);
  if (shifts && bag.type !== 'uint8') throw notImages(bag.type, visit.bag);
  const [storedLength, seenLength] = [stored, seen].map((size) => size.height * size.width * size.channels);
  const tile = new Float32Array(storedLength); // [height, width, channels]
  const out = new Float32Array(count * seenLength); // [count, seen.height, seen.width, channels]
  for (let place = 0; place < count; place++) {
    toFloat32(bag, (chosen ? chosen[place] : place) * storedLength, storedLength, tile);
    const own = out.subarray(place * seenLength, (place + 1) * seenLength);
    seeTile(tile, stored, views?.[place] ?? centre, own, seen);
    if (shifts) jitterColors(own, shifts[place]);
  }
  return out;
}

function notImages(type: string, bag: string): BagfleetError {
  return new BagfleetError('bag-format', `has tiles of ${type}, whose colours are not known`, {
    culprit: `bag ${bag}`,
    hint: 'data.augment.colorJitter takes images (uint8): leave it out for these bags.',
  });
}
