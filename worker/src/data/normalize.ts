/**
 * Normalisation of instances: (x - mean) / std per channel of tiles or per feature of vectors.
 * In: the job's data.normalize and the dataset's instance shape. Out: a function over float32 values.
 * The arithmetic is float64, rounded once to float32: the same bits on every machine.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { JobSpec } from '@bagfleet/proto/job-spec';

export type Normalization = JobSpec['data']['normalize'];

/** Normalises `values`, which begin at a whole instance, in place. */
export type Normalizer = (values: Float32Array) => void;

/** null leaves values as they are. Checks the job's numbers against the dataset's last axis (channels or features). */
export function makeNormalizer(
  normalize: Normalization,
  instanceShape: readonly number[],
): Normalizer | null {
  if (normalize === null) return null;
  const width = instanceShape[instanceShape.length - 1];
  const mean = spread(normalize.mean, width, 'mean', instanceShape);
  const std = spread(normalize.std, width, 'std', instanceShape);
  return (values) => {
    for (let i = 0, column = 0; i < values.length; i++) {
      values[i] = (values[i] - mean[column]) / std[column];
      if (++column === width) column = 0;
    }
  };
}

function spread(
  given: readonly number[],
  width: number,
  field: string,
  shape: readonly number[],
): Float64Array {
  if (given.length === width) return Float64Array.from(given);
  if (given.length === 1) return new Float64Array(width).fill(given[0]);
  throw new BagfleetError(
    'job-invalid',
    `${given.length} values were given for instances of shape [${shape.join(', ')}]`,
    {
      culprit: `job field data.normalize.${field}`,
      hint: `Give one value, or ${width}: one per ${shape.length === 1 ? 'feature' : 'channel'}.`,
    },
  );
}
