/**
 * What of an instance a model sees: the whole, or a square of it. In: data.crop, the stored shape. Out: the shape that
 * the model is made for.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

/** @throws BagfleetError `job-invalid` */
export function seenShape(crop: number | null, instanceShape: readonly number[]): readonly number[] {
  if (crop === null) return instanceShape;
  const [height, width, channels] = instanceShape;
  if (instanceShape.length === 3 && crop <= Math.min(height, width)) return [crop, crop, channels];
  throw new BagfleetError(
    'job-invalid',
    `${crop} × ${crop} can't be cut out of instances of shape [${instanceShape.join(', ')}]`,
    {
      culprit: 'job field data.crop',
      hint: instanceShape.length === 3 ? 'Crop to less.' : 'Only tiles can be cropped: leave it out.',
    },
  );
}
