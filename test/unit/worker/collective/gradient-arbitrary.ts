/** Gradients as property tests want them: all magnitudes of float32 side by side, and all its special finite values. */
import { CounterRng } from '@bagfleet/proto';
import { BLOCK } from '@bagfleet/worker/train/parameter-layout';
import fc from 'fast-check';

const LARGEST = 3.4028234663852886e38;

/** Any finite float32: ordinary, outliers, denormals, zeros of both signs, the largest. */
export const finiteFloat = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 4, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[0, -0, 1e30, -1e30, 1e-30, 2 ** -96, 2 ** -97, -(2 ** -149), 2 ** -126, LARGEST, -LARGEST].map(
        Math.fround,
      ),
    ),
  },
);

/** One block of 256 entries. */
export const gradientBlock = fc
  .array(finiteFloat, { minLength: 1, maxLength: BLOCK })
  .map((values) => Float32Array.from({ length: BLOCK }, (_, i) => values[i % values.length]));

/** Number of slots in a step. */
export const slotCount = fc.oneof(
  fc.integer({ min: 1, max: 4096 }),
  fc.constantFrom(1, 2, 3, 1023, 4095, 4096),
);

/** `count` gradients of `blocks` blocks whose entries span `decades` powers of ten, from a seed. */
export function spreadGradients(
  seed: number,
  count: number,
  blocks: number,
  decades: number,
): Float32Array[] {
  const rng = new CounterRng(seed, ['spread']);
  const length = blocks * BLOCK;
  const normal = rng.normal(count * length);
  const powers = new CounterRng(seed, ['powers']).uniform(length);
  return Array.from({ length: count }, (_, slot) =>
    Float32Array.from({ length }, (_, i) => normal[slot * length + i] * 10 ** ((powers[i] - 0.5) * decades)),
  );
}
