/**
 * What a job says of its instances, made ready for bags. In: the job's section data, the manifest's instanceShape.
 * Out: rules that prepare-instances.ts goes by, or an error that names the job field which does not fit.
 */
import type { AugmentSpec } from '@bagfleet/proto/augment-spec';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { JobSpec } from '@bagfleet/proto/job-spec';
import { makeNormalizer, type Normalizer } from '../normalize.js';
import type { TileSize } from './augment/tile-view.js';
import { createSampler } from './samplers/create-sampler.js';
import type { Sampler } from './samplers/sampler.js';
import { seenShape } from './seen-shape.js';

export type InstanceSettings = Pick<JobSpec['data'], 'normalize' | 'sampler' | 'crop' | 'augment'>;

export interface InstanceRules {
  /** Of what the model sees: [features], or [height, width, channels]. */
  readonly shape: readonly number[];
  readonly normalizer: Normalizer | null;
  readonly sampler: Sampler;
  readonly augment: AugmentSpec;
  /** What is stored and what is seen of each tile; null where all values are seen as they lie. */
  readonly tiles: { readonly stored: TileSize; readonly seen: TileSize } | null;
}

/** @throws BagfleetError `job-invalid` */
export function makeInstanceRules(
  { normalize, sampler, crop, augment }: InstanceSettings,
  instanceShape: readonly number[],
): InstanceRules {
  const shape = seenShape(crop, instanceShape);
  refuseMisfits(augment, shape);
  const { flips, quarterRotations, colorJitter } = augment;
  const varies = crop !== null || flips || quarterRotations || colorJitter !== null;
  return {
    shape,
    normalizer: makeNormalizer(normalize, instanceShape),
    sampler: createSampler(sampler, instanceShape),
    augment,
    tiles: varies ? { stored: sizeOf(instanceShape), seen: sizeOf(shape) } : null,
  };
}

function sizeOf([height, width, channels]: readonly number[]): TileSize {
  return { height, width, channels };
}

function refuseMisfits(
  { flips, quarterRotations, colorJitter }: AugmentSpec,
  shape: readonly number[],
): void {
  const [height, width, channels] = shape;
  if (shape.length !== 3) {
    const asked = { flips, quarterRotations, colorJitter: colorJitter !== null };
    const [field] = Object.entries(asked).find(([, isAsked]) => isAsked) ?? [];
    if (field) throw misfit(field, 'takes tiles', shape);
  } else if (quarterRotations && height !== width)
    throw misfit('quarterRotations', 'takes square tiles', shape, 'Make them square with data.crop.');
  else if (colorJitter && channels !== 3) throw misfit('colorJitter', 'takes tiles of three channels', shape);
}

function misfit(field: string, message: string, shape: readonly number[], hint?: string): BagfleetError {
  return new BagfleetError('job-invalid', `${message}; instances are [${shape.join(', ')}]`, {
    culprit: `job field data.augment.${field}`,
    hint: hint ?? 'Leave it out for these bags.',
  });
}
