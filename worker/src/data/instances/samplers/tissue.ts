/**
 * `tissue`: bagSize of the tiles that show enough tissue. If none does, those that show most.
 */
import { toFloat32 } from '../to-float32.js';
import { rngOf } from '../visit.js';
import type { SampledBag, Sampler } from './sampler.js';
import { tissueShare } from './tissue-share.js';

export function tissueSampler(bagSize: number, minTissue: number): Sampler {
  return (bag, visit) => {
    const shares = sharesOf(bag); // [instances]
    const enough = indicesWhere(shares, (share) => share >= minTissue);
    if (enough.length === 0) return mostFirst(shares).slice(0, bagSize);
    if (enough.length <= bagSize) return Uint32Array.from(enough);
    const order = rngOf(visit, 'sampler').permutation(enough.length);
    return order.slice(0, bagSize).map((place) => enough[place]);
  };
}

function sharesOf(bag: SampledBag): Float64Array {
  const size = bag.features.length / bag.instances;
  const tile = new Float32Array(size); // [height, width, 3]
  return Float64Array.from({ length: bag.instances }, (_, i) =>
    tissueShare(toFloat32(bag, i * size, size, tile)),
  );
}

function indicesWhere(shares: Float64Array, isMeant: (share: number) => boolean): number[] {
  return Array.from(shares.keys()).filter((i) => isMeant(shares[i]));
}

/** Of equals the lower index first. */
function mostFirst(shares: Float64Array): Uint32Array {
  return Uint32Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a] || a - b);
}
